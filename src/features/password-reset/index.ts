import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { changes, emails, events, flashes, limits } from './definitions.ts';
import { tellOfDisabling } from './mailing/disabled.ts';
import { showRequest, submitRequest } from './request.ts';
import { showReset, submitReset } from './reset.ts';
import { resetPurpose } from './reset-token.ts';

export { emails, events } from './definitions.ts';
export { beginRecovery } from './recovery.ts';
export { HANDED_OVER_LIFETIME, issueReset, resetPurpose } from './reset-token.ts';

/** Gives people a new password who have forgotten theirs: by the link of a mail, or one that was handed over. */
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
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => {
    const open = { access: 'public', limit: 'none' } as const;
    return {
      afterPasswordDisabled: (context, accountId) => tellOfDisabling(core, passwords, context, accountId),
      routes: [
        { method: 'GET', path: '/forgot-password', ...open, handle: showRequest(core) },
        { method: 'POST', path: '/forgot-password', ...open, handle: submitRequest(core, passwords) },
        { method: 'GET', path: '/reset-password', ...open, handle: showReset(core, passwords) },
        {
          method: 'POST',
          path: '/reset-password',
          access: 'public',
          limit: 'hashing',
          handle: submitReset(core, passwords),
        },
      ],
    };
  },
});
