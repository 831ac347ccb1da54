import type { Ports, Settings } from '../latchkey.ts';
import type { SendMail } from '../platform/mail/index.ts';
import type { Challenge } from '../platform/rate-limit/index.ts';
import { type OptionValues, SettingsError } from '../platform/settings/index.ts';
import {
  type ApplicationPool,
  type OpenDatabase,
  POOL_OPTION,
  readApplicationPool,
} from '../platform/sql/index.ts';
import { inWordsOfOptions, type Provider, settingsFromOptions } from '../read-settings.ts';
import type { FindClientAddress } from './client-address.ts';
import { libraryDefaults } from './library-defaults.ts';
import type { SettingOptions } from './setting-options.ts';

type AfterWhat = 'signIn' | 'registration' | 'signOut';

/** The settings that are members of the option `after`. */
type FlatName = `after${Capitalize<AfterWhat>}`;

/** The settings, each under its name in camelCase, and what only an application can give. */
export type Options<Role extends string = string, Scope extends string = string> = Omit<
  SettingOptions,
  'roles' | 'scopes' | FlatName
> & {
  /** The pages of the application that come next; a `next` in the address takes precedence. */
  readonly after?: Partial<Readonly<Record<AfterWhat, string | undefined>>> | undefined;
  /** The roles that accounts can have, such as `['admin', 'editor']`: docs/library.md. */
  readonly roles?: readonly Role[] | undefined;
  /** What API tokens can be limited to, such as `['notes:read', 'notes:write']`: docs/api-tokens.md. */
  readonly scopes?: readonly Scope[] | undefined;
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

/** The options that are no settings. */
const OTHER_OPTIONS = ['after', 'sendMail', 'challenge', 'providers', 'clientAddress', 'database'];

/** What options stand for: settings, and what `composeSystem` takes besides. */
export type ReadOptions = {
  readonly settings: Settings;
  readonly ports: Pick<Ports, 'identityProviders' | 'challenge' | 'openDatabase' | 'sendMail'>;
};

/** @throws {SettingsError} when an option is wrong, naming every fault as the option is written */
export function readOptions(options: Options): ReadOptions {
  return inTheirWords(options, () => {
    const { sendMail, challenge, providers = [] } = options;
    const settings = settingsFromOptions(settingValues(options), OTHER_OPTIONS);
    if (sendMail !== undefined) checkMail(settings);
    const openDatabase = poolOf(options);
    const ports = {
      identityProviders: { providers },
      ...(sendMail !== undefined && { sendMail }),
      ...(challenge !== undefined && { challenge }),
      ...(openDatabase !== undefined && { openDatabase }),
    };
    return { settings, ports };
  });
}

/** Runs work on options. Faults that it throws are in the words of the options. */
export function inTheirWords<Value>(options: Options, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw inWordsOf(options, error);
  }
}

/** An error with its faults in the words of the options; others as they are. */
export function inWordsOf(options: Options, error: unknown): unknown {
  const members = Object.keys(options.after ?? {}).map((what) => `after.${what}`);
  return inWordsOfOptions(error, [...Object.keys(options), ...members]);
}

/** The options that are settings, by the names of those. */
export function settingValues({
  after = {},
  sendMail: _sendMail,
  challenge: _challenge,
  providers: _providers,
  clientAddress: _clientAddress,
  database: _database,
  ...options
}: Options): OptionValues {
  const signOutClears = options.signOutClears ?? libraryDefaults.signOutClears;
  return { ...options, ...flatNames(after), signOutClears };
}

function checkMail({ smtpUrl, mailFrom }: Settings): void {
  if (smtpUrl !== undefined)
    throw new SettingsError([
      { name: 'SMTP_URL', message: 'is set, and sendMail is given; give one of them' },
    ]);
  if (mailFrom === undefined)
    throw new SettingsError([
      { name: 'MAIL_FROM', message: 'is missing, and sendMail is given; give the address that mail is from' },
    ]);
}

/** The members of `after` under the names of their settings: `signIn` → `afterSignIn`. */
function flatNames(after: NonNullable<Options['after']>): OptionValues {
  return Object.fromEntries(
    Object.entries(after).map(([what, page]) => [
      `after${what.charAt(0).toUpperCase()}${what.slice(1)}`,
      page,
    ]),
  );
}

/**
 * Opens the database on the pool of the application; undefined where it has none.
 * @throws {SettingsError} when it is no pool, or the database has an address, too
 */
export function poolOf({ database, databaseUrl }: Options): OpenDatabase | undefined {
  if (database === undefined) return undefined;
  const fault = (message: string) => new SettingsError([{ name: POOL_OPTION, message }]);
  if (databaseUrl !== undefined) throw fault('is given, and databaseUrl, too; give one of them');
  const reading = readApplicationPool(database.pool);
  if (!reading.ok) throw fault(reading.problem);
  return reading.open;
}
