import { composeSystem } from './latchkey.ts';
import { type Latchkey, mount } from './library/mount.ts';
import { inTheirWords, type Options, readOptions } from './library/options.ts';
import type { SignedIn } from './library/user.ts';
import { createMetrics } from './platform/observability/index.ts';

export type {
  Access,
  AnyEntry,
  AnyGuardOptions,
  TokenEntry,
  TokenGuardOptions,
  TokenRefusal,
  UsedToken,
} from './library/bearer.ts';
export { ClientAddressError, type FindClientAddress, type From } from './library/client-address.ts';
export type { Entry, GuardOptions, Refusal } from './library/guard.ts';
export type { HonoContext, HonoMiddleware } from './library/hono-middleware.ts';
export type { Latchkey } from './library/mount.ts';
export { type LatchkeyOfProcess, onePerProcess } from './library/one-per-process.ts';
export type { Options } from './library/options.ts';
export type { HeadersLike, RequestLike } from './library/request-like.ts';
export type { Duration, SettingOptions } from './library/setting-options.ts';
export type {
  ApiTokenCreated,
  ApiTokenRecord,
  NewApiToken,
  NewApiTokenProblem,
  Tokens,
} from './library/tokens.ts';
export type { Session, SignedIn, User } from './library/user.ts';
export type {
  By,
  FactorsRemoved,
  FactorsReset,
  NewUser,
  NewUserProblem,
  ResetLinkCreated,
  RoleChange,
  SignedOut,
  StateChanged,
  UserCreated,
  UserDeleted,
  UserFactor,
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

/** What `loginRequired` leaves in the context of a Hono route: `context.get('user')`. */
export type SignedInVariables<Role extends string = string> = { readonly Variables: SignedIn<Role> };

/**
 * Makes a login system. Nothing is read from the environment: every setting is an option.
 * @throws {SettingsError} when an option is wrong, naming every fault
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function createLatchkey<const Role extends string = string, const Scope extends string = string>(
  options?: Options<Role, Scope>,
): Latchkey<Role, Scope>;
export function createLatchkey(options: Options = {}): Latchkey {
  const { settings, ports } = readOptions(options);
  const metrics = createMetrics();
  const { clientAddress } = options;
  return inTheirWords(options, () =>
    mount(composeSystem(settings, { ...ports, metrics }), {
      metrics,
      clientAddress,
      hasPool: ports.openDatabase !== undefined,
    }),
  );
}

/**
 * Returns the options as they are, with their types: `latchkey.config.ts` exports them by default, for the application and
 * for the command line, which reads that file in its working folder instead of the environment.
 */
export function defineLatchkey<const Role extends string = string, const Scope extends string = string>(
  options: Options<Role, Scope>,
): Options<Role, Scope> {
  return options;
}
