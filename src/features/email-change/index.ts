import type { Core } from '../../auth/core.ts';
import { defineFeature, type Route } from '../../auth/feature.ts';
import { type Passwords, passwordsService } from '../passwords/index.ts';
import { type BlockedEmailDomains, nameRules } from '../registration/index.ts';
import { changePurpose, undoPurpose } from './change-token.ts';
import { showConfirmation, submitConfirmation } from './confirmation.ts';
import { changes, emails, events, flashes, limits } from './definitions.ts';
import { showAddress, submitAddress } from './request.ts';
import { showUndo, submitUndo } from './undo.ts';

/** Changes the address of an account, or gives it its first one; whoever has the old one can undo that. */
export const emailChange = defineFeature({
  name: 'email-change',
  events,
  flashes,
  limits,
  settings: {},
  tables: [],
  emails,
  tokens: [changePurpose, undoPurpose],
  changes,
  needs: { passwords: passwordsService, names: nameRules },
  compose: (core, { passwords, names }) => ({
    routes:
      core.mail.isPossible && core.settings.email !== 'off' ? routes(core, passwords, names.isBlocked) : [],
  }),
});

function routes(core: Core, passwords: Passwords, isBlocked: BlockedEmailDomains): readonly Route[] {
  const open = { access: 'public', limit: 'none' } as const;
  const fresh = { access: 'fresh', limit: 'none' } as const;
  const own = { access: 'signed-in', limit: 'none' } as const;
  const [email, confirm, undo] = ['/account/email', '/account/email/confirm', '/undo-email-change'] as const;
  return [
    { method: 'GET', path: email, ...fresh, handle: showAddress(core) },
    { method: 'POST', path: email, ...fresh, handle: submitAddress(core, isBlocked) },
    { method: 'GET', path: confirm, ...open, handle: showConfirmation(core) },
    { method: 'POST', path: confirm, ...own, handle: submitConfirmation(core) },
    { method: 'GET', path: undo, ...open, handle: showUndo(core) },
    { method: 'POST', path: undo, ...open, handle: submitUndo(core, passwords) },
  ];
}
