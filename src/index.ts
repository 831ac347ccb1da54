import { composeSystem } from './latchkey.ts';
import type { FindClientAddress } from './library/client-address.ts';
import { libraryDefaults } from './library/library-defaults.ts';
import { type Latchkey, mount } from './library/mount.ts';
import type { SettingOptions } from './library/setting-options.ts';
import type { SignedIn } from './library/user.ts';
import type { SendMail } from './platform/mail/index.ts';
import { createMetrics } from './platform/observability/index.ts';
import type { Challenge } from './platform/rate-limit/index.ts';
import { SettingsError } from './platform/settings/index.ts';
import {
  type ApplicationPool,
  type OpenDatabase,
  POOL_OPTION,
  readApplicationPool,
} from './platform/sql/index.ts';
import { inWordsOfOptions, type Provider, settingsFromOptions } from './read-settings.ts';

export { ClientAddressError, type FindClientAddress, type From } from './library/client-address.ts';
export type { Entry, GuardOptions, Refusal } from './library/guard.ts';
export type { HonoContext, HonoMiddleware } from './library/hono-middleware.ts';
export type { Latchkey } from './library/mount.ts';
export type { HeadersLike, RequestLike } from './library/request-like.ts';
export type { Duration, SettingOptions } from './library/setting-options.ts';
export type { Session, SignedIn, User } from './library/user.ts';
export type {
  By,
  NewUser,
  NewUserProblem,
  ResetLinkCreated,
  RoleChange,
  SignedOut,
  StateChanged,
  UserCreated,
  UserDeleted,
  UserPage,
  UserQuery,
  UserRecord,
  UserSession,
  UserState,
  Users,
  UserUpdate,
  UserUpdated,
} from './library/users.ts';
export { MailRefusedError, type OutgoingMail, type SendMail } from './platform/mail/index.ts';
export type { Challenge } from './platform/rate-limit/index.ts';
export { SettingsError } from './platform/settings/index.ts';
export { type ApplicationPool, DatabaseStartError } from './platform/sql/index.ts';
export type {
  Ask as AskProvider,
  Claims as ProviderClaims,
  OAuth as OAuthProvider,
  OpenIdConnect as OpenIdConnectProvider,
  Provider,
  ProviderToken,
} from './read-settings.ts';
export { ProviderUnavailableError } from './read-settings.ts';

/** The settings, each under its name in camelCase, and what only an application can give. */
export type Options<Role extends string = string> = Omit<SettingOptions, 'roles'> & {
  /** The roles that accounts can have, such as `['admin', 'editor']`: docs/library.md. */
  readonly roles?: readonly Role[] | undefined;
  /** Sends mail by the interface of a provider, instead of `smtpUrl`; with it, `mailFrom` is required. */
  readonly sendMail?: SendMail | undefined;
  /** Required after too many attempts instead of the proof of work: docs/throttling.md. */
  readonly challenge?: Challenge | undefined;
  /** Identity providers in addition to those of the settings: docs/oauth.md. */
  readonly providers?: readonly Provider[] | undefined;
  /**
   * The application's own pool of `pg` or `mysql2`, instead of `databaseUrl`: docs/your-database.md. It is never closed
   * by Latchkey.
   */
  readonly database?: { readonly pool: ApplicationPool } | undefined;
  /** Finds the address of a client where neither the platform nor Node.js shows the connection. */
  readonly clientAddress?: FindClientAddress | undefined;
};

/** What `loginRequired` leaves in the context of a Hono route: `context.get('user')`. */
export type SignedInVariables<Role extends string = string> = { readonly Variables: SignedIn<Role> };

/**
 * Makes a login system. Nothing is read from the environment: every setting is an option.
 * @throws {SettingsError} when an option is wrong, naming every fault
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function createLatchkey<const Role extends string = string>(options?: Options<Role>): Latchkey<Role>;
export function createLatchkey(options: Options = {}): Latchkey {
  try {
    return compose(options);
  } catch (error) {
    throw inWordsOfOptions(error, Object.keys(options));
  }
}

/** The options that are no settings. */
const OTHER_OPTIONS = ['sendMail', 'challenge', 'providers', 'clientAddress', 'database'];

function compose({
  sendMail,
  challenge,
  clientAddress,
  database,
  providers = [],
  ...options
}: Options): Latchkey {
  const settings = settingsFromOptions(
    { ...options, signOutClears: options.signOutClears ?? libraryDefaults.signOutClears },
    OTHER_OPTIONS,
  );
  const metrics = createMetrics();
  const ports = {
    metrics,
    identityProviders: { providers },
    ...(challenge !== undefined && { challenge }),
    ...(database !== undefined && { openDatabase: openPool(database.pool, options.databaseUrl) }),
  };
  const mounting = { metrics, clientAddress };
  if (sendMail === undefined) return mount(composeSystem(settings, ports), mounting);
  if (settings.smtpUrl !== undefined)
    throw new SettingsError([
      { name: 'SMTP_URL', message: 'is set, and sendMail is given; give one of them' },
    ]);
  if (settings.mailFrom === undefined)
    throw new SettingsError([
      { name: 'MAIL_FROM', message: 'is missing, and sendMail is given; give the address that mail is from' },
    ]);
  return mount(composeSystem(settings, { ...ports, sendMail }), mounting);
}

/** @throws {SettingsError} when it is no pool, or the database has an address, too */
function openPool(pool: ApplicationPool, databaseUrl: unknown): OpenDatabase {
  const fault = (message: string) => new SettingsError([{ name: POOL_OPTION, message }]);
  if (databaseUrl !== undefined) throw fault('is given, and databaseUrl, too; give one of them');
  const reading = readApplicationPool(pool);
  if (!reading.ok) throw fault(reading.problem);
  return reading.open;
}
