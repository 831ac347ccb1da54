import { defineFeature } from '../../auth/feature.ts';
import { factorPolicyService } from '../second-factors/index.ts';
import {
  accountPage,
  confirmAtAccount,
  confirmAtStep,
  resendAtAccount,
  resendAtStep,
  stepPage,
} from './code.ts';
import { bounds, changes, cookies, emails, events, flashes, limits, tokens } from './definitions.ts';
import { confirmByLink, linkPage } from './link.ts';
import { confirmAddressStep } from './step.ts';
import * as words from './words.ts';

export { createWithMail, deleteOverdueHolders, type MailedCreation } from './new-account.ts';

/** Has users show that the address that they gave is theirs: by the link of a mail, or by its code. */
export const emailConfirmation = defineFeature({
  name: 'email-confirmation',
  words,
  bounds,
  cookies,
  events,
  flashes,
  limits,
  emails,
  tokens,
  changes,
  pages: [linkPage, stepPage, accountPage],
  actions: [confirmByLink, confirmAtStep, resendAtStep, confirmAtAccount, resendAtAccount],
  needs: { policy: factorPolicyService },
  compose: (core, { policy }) => ({
    signInSteps: [{ ...confirmAddressStep(core, policy), position: 10 }],
  }),
});
