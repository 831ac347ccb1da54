import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import type { Passwords } from '../passwords/index.ts';
import { showRequest, submitRequest } from './request.ts';
import { showReset, submitReset } from './reset.ts';
import { resetPurpose } from './reset-token.ts';

export { tellOfDisabling } from './mailing/disabled.ts';
export { beginRecovery } from './recovery.ts';
export { HANDED_OVER_LIFETIME, issueReset, resetPurpose } from './reset-token.ts';

/** Gives people a new password who have forgotten theirs: by the link of a mail, or one that was handed over. */
export function passwordReset(core: Core, passwords: Passwords): Feature {
  const open = { access: 'public', limit: 'none' } as const;
  return {
    name: 'password-reset',
    needs: ['passwords'],
    settings: {},
    tables: [],
    tokens: [resetPurpose],
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
}
