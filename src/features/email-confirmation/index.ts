import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import {
  resendAtAccount,
  resendAtStep,
  showAccountPage,
  showStep,
  submitAccountPage,
  submitStep,
} from './code/code-pages.ts';
import { confirmAddressStep } from './code/step.ts';
import { confirmationPurpose } from './confirmation.ts';
import { changes, emails, events, flashes, limits } from './definitions.ts';
import { showLink, submitLink } from './link.ts';

export { createWithMail, type MailedCreation } from './new-account.ts';

/** Has people show that the address that they gave is theirs: by the link of a mail, or by its code. */
export const emailConfirmation = defineFeature({
  name: 'email-confirmation',
  events,
  flashes,
  limits,
  settings: {},
  tables: [],
  emails,
  tokens: [confirmationPurpose],
  changes,
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => {
    const open = { access: 'public', limit: 'none' } as const;
    const own = { access: 'signed-in', limit: 'none' } as const;
    return {
      signInSteps: [{ ...confirmAddressStep(core), position: 10 }],
      routes: [
        { method: 'GET', path: '/verify-email', ...open, handle: showLink(core) },
        {
          method: 'POST',
          path: '/verify-email',
          access: 'public',
          limit: 'hashing',
          handle: submitLink(core, passwords),
        },
        { method: 'GET', path: '/login/confirm-address', ...open, handle: showStep(core) },
        { method: 'POST', path: '/login/confirm-address', ...open, handle: submitStep(core) },
        {
          method: 'POST',
          path: '/login/confirm-address/resend',
          page: '/login/confirm-address',
          ...open,
          handle: resendAtStep(core),
        },
        { method: 'GET', path: '/account/confirm-address', ...own, handle: showAccountPage(core) },
        { method: 'POST', path: '/account/confirm-address', ...own, handle: submitAccountPage(core) },
        {
          method: 'POST',
          path: '/account/confirm-address/resend',
          page: '/account/confirm-address',
          ...own,
          handle: resendAtAccount(core),
        },
      ],
    };
  },
});
