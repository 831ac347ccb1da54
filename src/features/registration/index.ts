import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { emails, events, flashes, limits, tokens } from './definitions.ts';
import type { FieldRules } from './fields.ts';
import { nameRules, registrationSettings } from './name-rules.ts';
import { showRegistration, submitRegistration } from './register.ts';

export { emails, events, tokens } from './definitions.ts';
export type { BlockedEmailDomains } from './email-domains.ts';
export {
  type EmailProblem,
  emailProblem,
  type UsernameProblem,
  usernameProblem,
} from './fields.ts';
export {
  chosenInvitation,
  createEntry,
  type Entry,
  type Invitation,
  InvitationGone,
  type Invited,
  spendInvitation,
} from './invitation.ts';
export { type NameRules, nameRules } from './name-rules.ts';
export { COUNTS_AS_REGISTERED, COUNTS_AS_TAKEN, limitRegistration } from './register.ts';

/** The page where people make their account. */
export const registration = defineFeature({
  name: 'registration',
  events,
  flashes,
  limits,
  settings: registrationSettings,
  tables: [],
  emails,
  tokens,
  needs: { passwords: passwordsService, names: nameRules },
  compose: (core, { passwords, names }) => {
    const rules: FieldRules = { ...names, passwords };
    const { registrationMinTime } = core.settingsOf(registrationSettings);
    return {
      routes: [
        {
          method: 'GET',
          path: '/register',
          access: 'public',
          limit: 'none',
          handle: showRegistration(core, rules),
        },
        {
          method: 'POST',
          path: '/register',
          access: 'public',
          limit: 'hashing',
          handle: submitRegistration(core, rules, registrationMinTime),
        },
      ],
    };
  },
});

export { registrationWords } from './words.ts';
