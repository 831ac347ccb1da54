import { defineFeature, openRoute } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { changePassword, leadToPasswordChange, passwordPage } from './change.ts';
import { bounds, changes } from './definitions.ts';
import { passwordPanel } from './panel.ts';
import * as words from './words.ts';

/** The page where users change their password, and the address at which password managers look for it. */
export const passwordChange = defineFeature({
  name: 'password-change',
  words,
  bounds,
  changes,
  pages: [passwordPage],
  actions: [changePassword],
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => ({
    accountPanels: [passwordPanel(passwords)],
    routes: [openRoute('/.well-known/change-password', leadToPasswordChange(core))],
  }),
});
