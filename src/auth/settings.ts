import { type Deployment, deploymentSettings, resolveDeployment } from '../platform/deployment/index.ts';
import {
  duration,
  line,
  ofGit,
  oneOf,
  optionalSetting,
  type SettingValues,
  setting,
  wholeNumber,
} from '../platform/settings/index.ts';
import { LONGEST_NEXT_PATH } from '../platform/web/index.ts';

/** The settings that every feature reads. Features declare their own. */
export const coreSettings = {
  ...deploymentSettings,
  email: optionalSetting({
    name: 'EMAIL',
    foreign: ofGit,
    meaning:
      'Whether registration asks for an email address: `required` (confirmed before the account works), `optional` or `off`.',
    fallbackMeaning: '`required` with `SMTP_URL`, else `optional`',
    schema: oneOf(['required', 'optional', 'off']),
  }),
  registration: setting({
    name: 'REGISTRATION',
    meaning:
      'Who may create an account: `open` for all visitors, `invite` with an invitation (`latchkey invite create`), `closed` for no visitor.',
    fallback: 'open',
    neverEmpty: true,
    schema: oneOf(['open', 'invite', 'closed']),
  }),
  afterSignIn: optionalSetting({
    name: 'AFTER_SIGN_IN',
    meaning:
      'The page of the application that users see after signing in, such as `/notes`, instead of the dashboard. A `next` in the address takes precedence.',
    fallbackMeaning: 'the dashboard',
    schema: line(LONGEST_NEXT_PATH),
  }),
  afterSignOut: optionalSetting({
    name: 'AFTER_SIGN_OUT',
    meaning: 'The page of the application that users see after signing out.',
    fallbackMeaning: 'the login page',
    schema: line(LONGEST_NEXT_PATH),
  }),
  // `sessionLimitsFrom` in composition/storage.ts makes limits of these, which sessions/expiry.ts applies.
  sessionIdle: setting({
    name: 'SESSION_IDLE',
    meaning: 'A session ends after this time without a request.',
    fallback: '24h',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionLifetime: setting({
    name: 'SESSION_LIFETIME',
    meaning: 'A session ends this long after sign-in, even if it is in use.',
    fallback: '7d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionRotate: setting({
    name: 'SESSION_ROTATE',
    meaning: 'The session token is replaced when it is used after this time.',
    fallback: '10m',
    schema: duration({ minimum: '1s', maximum: '30d' }),
  }),
  sessionRememberIdle: setting({
    name: 'SESSION_REMEMBER_IDLE',
    meaning: '`SESSION_IDLE` for users who choose “Keep me signed in”.',
    fallback: '14d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionRememberLifetime: setting({
    name: 'SESSION_REMEMBER_LIFETIME',
    meaning:
      '`SESSION_LIFETIME` for users who choose “Keep me signed in”; their cookie outlives the browser.',
    fallback: '30d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionsPerAccount: setting({
    name: 'SESSIONS_PER_ACCOUNT',
    meaning: 'Maximum number of sessions of an account; one more ends the session that was unused longest.',
    fallback: '50',
    schema: wholeNumber(1, 1_000),
  }),
  sessionFresh: setting({
    name: 'SESSION_FRESH',
    meaning:
      'Sensitive actions ask the user to authenticate again if the last active authentication is older than this.',
    fallback: '10m',
    schema: duration({ minimum: '1m', maximum: '1d' }),
  }),
};

type CoreValues = SettingValues<typeof coreSettings>;

/** The settings of auth and the platform, with what is derived from them. */
export type CoreSettings = Omit<CoreValues, keyof Deployment | 'host' | 'secretKey' | 'email'> &
  Deployment & {
    /** Whether accounts have an address, and whether it has to be confirmed before they work. */
    readonly email: 'required' | 'optional' | 'off';
  };

/**
 * Derives what follows from the settings. Outside https, makes the development secret when none is given.
 * @throws {SettingsError} when that secret cannot be kept
 */
export function resolveCoreSettings(values: CoreValues): CoreSettings {
  const email = values.email ?? (values.smtpUrl === undefined ? 'optional' : 'required');
  const { secretKey: _, ...others } = values;
  return { ...others, ...resolveDeployment(values), email };
}
