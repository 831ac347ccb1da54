import { defineFeature } from '../../auth/feature.ts';
import { bounds, emails, events, flashes, limits, tokens } from './definitions.ts';
import { inviteCommands } from './invite-command.ts';
import { registrationSettings } from './name-rules.ts';
import { register, registrationPage } from './register.ts';
import * as words from './words.ts';

export { emails, events, tokens } from './definitions.ts';
export {
  emailProblem,
  emailReasons,
  nameReasons,
  usernameProblem,
  usernameReasons,
} from './fields.ts';
export {
  chosenInvitation,
  createEntry,
  type Entry,
  type EntryRefusal,
  type Invitation,
  InvitationUsed,
  type Invited,
  spendInvitation,
} from './invitation.ts';
export { afterRegistration, type NameRules, nameRules } from './name-rules.ts';
export { drawNameFields } from './pages.ts';
export {
  admissionReasons,
  COUNTS_AS_REGISTERED,
  COUNTS_AS_TAKEN,
  limitRegistration,
  type Registrar,
  type RegistrationVisit,
  registrar,
} from './registrar.ts';
export { OPENED_FIELD } from './robots.ts';
export { registrationWords } from './words.ts';

/** The page on which visitors create an account. */
export const registration = defineFeature({
  name: 'registration',
  words,
  bounds,
  events,
  flashes,
  limits,
  settings: registrationSettings,
  emails,
  tokens,
  pages: [registrationPage],
  actions: [register],
  commands: inviteCommands,
});
