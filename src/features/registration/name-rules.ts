import { defineService } from '../../auth/services.ts';
import { duration, oneOf, optionalSetting, setting } from '../../platform/settings/index.ts';
import { type BlockedEmailDomains, createBlockedEmailDomains, domainList } from './email-domains.ts';
import { createReservedUsernames, type ReservedUsernames, usernameList } from './reserved-usernames.ts';

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

/** The rules for names and addresses of new accounts. An invitation may allow more, or require an address. */
export type NameRules = {
  readonly isReserved: ReservedUsernames;
  readonly isBlocked: BlockedEmailDomains;
};

/** What all features that create accounts or change addresses check names by. */
export const nameRules = defineService<NameRules>({
  create: ({ settings: { siteName }, settingsOf, slots }) => {
    const {
      reservedUsernames = [],
      blockDisposableEmail,
      blockedEmailDomains: domains = [],
    } = settingsOf(registrationSettings);
    return {
      isReserved: createReservedUsernames([siteName, ...reservedUsernames], () => slots().routePaths),
      isBlocked: createBlockedEmailDomains({ disposable: blockDisposableEmail === 'on', domains }),
    };
  },
});
