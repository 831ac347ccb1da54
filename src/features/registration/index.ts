import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import type { OtherWay } from '../../auth/pages/other-ways.ts';
import { optionalSetting, type SettingValues, setting } from '../../platform/settings/setting.ts';
import { duration, oneOf } from '../../platform/settings/values.ts';
import type { Passwords } from '../passwords/index.ts';
import { domainList } from './email-domains.ts';
import type { FieldRules, NameRules } from './fields.ts';
import { invitationPurpose } from './invitation.ts';
import { showRegistration, submitRegistration } from './register.ts';
import { usernameList } from './reserved-usernames.ts';

export {
  createNameRules,
  type EmailProblem,
  emailProblem,
  type NameRules,
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
  invitationPurpose,
  readInvitation,
  spendInvitation,
  writeInvitation,
} from './invitation.ts';

export const registrationSettings = {
  registrationMinTime: setting({
    name: 'REGISTRATION_MIN_TIME',
    meaning:
      'Minimum time between drawing and accepting the registration form; a form that is sent sooner waits for the rest. `0s` turns the wait off.',
    fallback: '1s',
    schema: duration({ minimum: '0s', maximum: '10s' }),
  }),
  reservedUsernames: optionalSetting({
    name: 'RESERVED_USERNAMES',
    meaning:
      'Further reserved usernames, separated by commas. `admin`, `support` and others are always reserved.',
    fallbackMeaning: 'none',
    neverEmpty: true,
    schema: usernameList,
  }),
  blockDisposableEmail: setting({
    name: 'BLOCK_DISPOSABLE_EMAIL',
    meaning: 'Whether addresses of disposable-mailbox providers are refused at registration: `on` or `off`.',
    fallback: 'off',
    neverEmpty: true,
    schema: oneOf(['on', 'off']),
  }),
  blockedEmailDomains: optionalSetting({
    name: 'BLOCKED_EMAIL_DOMAINS',
    meaning:
      'Email domains that are refused at registration, with all their subdomains, separated by commas.',
    neverEmpty: true,
    schema: domainList,
  }),
};

export type { BlockedEmailDomains } from './email-domains.ts';

export type RegistrationParts = {
  readonly passwords: Passwords;
  readonly names: NameRules;
  /** Other sites that people may make an account with. */
  readonly otherWays: readonly OtherWay[];
  readonly settings: SettingValues<typeof registrationSettings>;
};

/** The page where people make their account. */
export function registration(
  core: Core,
  { passwords, names, otherWays, settings }: RegistrationParts,
): Feature {
  const rules: FieldRules = { ...names, passwords, otherWays };
  return {
    name: 'registration',
    needs: ['email-confirmation', 'passwords'],
    settings: registrationSettings,
    tables: [],
    tokens: [invitationPurpose],
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
        handle: submitRegistration(core, rules, settings.registrationMinTime),
      },
    ],
  };
}
