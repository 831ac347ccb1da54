import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { changes, emails, events, flashes, limits } from './definitions.ts';
import { tellOfDisabling } from './mailing/disabled.ts';
import { requestPage, requestReset } from './request.ts';
import { resetPage, resetPassword } from './reset.ts';
import { resetPurpose } from './reset-token.ts';

export { emails, events } from './definitions.ts';
export { beginRecovery } from './recovery.ts';
export { HANDED_OVER_LIFETIME, issueReset, resetPurpose } from './reset-token.ts';

/** Lets a user choose a new password without the old one: by the link of a mail, or by one from the operator. */
export const passwordReset = defineFeature({
  name: 'password-reset',
  events,
  flashes,
  limits,
  settings: {},
  tables: [],
  emails,
  tokens: [resetPurpose],
  changes,
  pages: [requestPage, resetPage],
  actions: [requestReset, resetPassword],
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => ({
    afterPasswordDisabled: (context, accountId) => tellOfDisabling(core, passwords, context, accountId),
    routes: [],
  }),
});
