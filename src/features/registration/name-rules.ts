import type { Core } from '../../auth/core.ts';
import { defineService } from '../../auth/services.ts';
import { duration, line, oneOf, optionalSetting, setting } from '../../platform/settings/index.ts';
import { LONGEST_NEXT_PATH } from '../../platform/web/index.ts';
import { type BlockedEmailDomains, createBlockedEmailDomains, domainList } from './email-domains.ts';
import { createReservedUsernames, type ReservedUsernames, usernameList } from './reserved-usernames.ts';

export const registrationSettings = {
  signInAfterRegistration: setting({
    name: 'SIGN_IN_AFTER_REGISTRATION',
    meaning:
      'Whether users are signed in as soon as they have registered, where no address has to be confirmed first: `on` or `off`.',
    fallback: 'off',
    schema: oneOf(['on', 'off']),
  }),
  afterRegistration: optionalSetting({
    name: 'AFTER_REGISTRATION',
    meaning:
      'The page of the application that users see after registering. A `next` in the address takes precedence.',
    fallbackMeaning: 'the login page; with `SIGN_IN_AFTER_REGISTRATION`, `AFTER_SIGN_IN`',
    schema: line(LONGEST_NEXT_PATH),
  }),
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

/** The next path of a new user: the page that was wanted, else the one that the application has for new users. */
export function afterRegistration({ settingsOf }: Core, next: string | null): string | null {
  return next ?? settingsOf(registrationSettings).afterRegistration ?? null;
}

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
