import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { bounds, changes, emails, events, flashes, limits, tokens } from './definitions.ts';
import { notifyOfDisabling } from './mailing/disabled.ts';
import { requestPage, requestReset } from './request.ts';
import { resetPage, resetPassword } from './reset.ts';
import { resetLinkCommand } from './reset-link-command.ts';
import * as words from './words.ts';

export { emails, events, tokens } from './definitions.ts';
export { queueFirstPassword } from './first-password.ts';
export { beginRecovery } from './recovery.ts';
export { createResetLink } from './reset-link.ts';

/** Lets a user choose a new password without the old one: by the link of a mail, or by one from the operator. */
export const passwordReset = defineFeature({
  name: 'password-reset',
  words,
  bounds,
  events,
  flashes,
  limits,
  emails,
  tokens,
  changes,
  pages: [requestPage, resetPage],
  actions: [requestReset, resetPassword],
  needs: { passwords: passwordsService },
  commands: resetLinkCommand,
  compose: (core, { passwords }) => ({
    afterPasswordDisabled: (context, accountId) => notifyOfDisabling(core, passwords, context, accountId),
  }),
});
