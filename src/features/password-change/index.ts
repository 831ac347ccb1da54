import { defineFeature, openRoute } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { changePassword, leadToPasswordChange, passwordPage } from './change.ts';
import { bounds, changes } from './definitions.ts';
import * as words from './words.ts';
import { passwordPanelWords } from './words.ts';

/** The page where users change their password, and the address at which password managers look for it. */
export const passwordChange = defineFeature({
  name: 'password-change',
  words,
  bounds,
  changes,
  pages: [passwordPage],
  actions: [changePassword],
  compose: (core) => ({
    accountPanels: [{ position: 10, path: paths.password, content: (words) => words(passwordPanelWords) }],
    routes: [openRoute('/.well-known/change-password', leadToPasswordChange(core))],
  }),
});
