import { paths } from './auth/paths.ts';
import { coreSettings, resolveCoreSettings } from './auth/settings.ts';
import {
  issuerSettings,
  providerPrefixes,
  providerSettings,
  readProviders,
} from './features/external-sign-in/index.ts';
import { emails, featureSettings, type Settings } from './latchkey.ts';
import {
  cookiePrefixFor,
  databaseOptionsFrom,
  deploymentFaults,
  resolveOrigin,
  smtpServerFrom,
} from './platform/deployment/index.ts';
import { type MailTemplates, templateFault } from './platform/mail/index.ts';
import { proxyVariables, withProxyVariables } from './platform/outbound/index.ts';
import {
  developmentSecret,
  emptyVariable,
  environmentName,
  environmentSource,
  type Fault,
  faultsOfOptions,
  type GivenSettings,
  isProduction,
  misspeltNames,
  type OptionValues,
  optionSource,
  readSettings,
  type SecretList,
  type Setting,
  type SettingDefinitions,
  SettingsError,
  type SettingValues,
  settingFiles,
  splitSecrets,
  variableNames,
  withoutOwnPrefix,
} from './platform/settings/index.ts';
import { onwardPath, safeNextPath } from './platform/web/index.ts';

export {
  type Ask,
  type Claims,
  type OAuth,
  type OpenIdConnect,
  type Provider,
  type ProviderToken,
  ProviderUnavailableError,
} from './features/external-sign-in/index.ts';

/** Every setting that auth and the features declare, without those of identity providers. */
export const settingDefinitions = { ...coreSettings, ...featureSettings };

/** Every setting, with those of the built-in providers. `docs/settings.md` is generated from this. */
export const everySetting: readonly Setting<unknown>[] = [
  ...Object.values(settingDefinitions),
  ...Object.values(providerSettings),
];

/** All that there is, with the settings of providers that are given under names of their own. */
function definitionsGiven(environment: NodeJS.ProcessEnv, folder: string): SettingDefinitions {
  return {
    ...settingDefinitions,
    ...providerSettings,
    ...issuerSettings(variableNames(environment, folder).map(withoutOwnPrefix)),
  };
}

function fromEnvironment(variables: NodeJS.ProcessEnv, folder: string): GivenSettings {
  const environment = withProxyVariables(variables);
  const definitions = Object.values(definitionsGiven(environment, folder));
  const given = environmentSource(environment, definitions, folder);
  const all = variableNames(environment, folder);
  const settings = definitions.map(({ name }) => name);
  const misspelt = misspeltNames(all, settings, providerPrefixes(all.map(withoutOwnPrefix)));
  const place = { environment, folder };
  const emptyFaults = definitions.flatMap((definition) => emptyFault(definition, given, place));
  return { ...given, faults: [...given.faults, ...misspelt, ...emptyFaults] };
}

type Place = { readonly environment: NodeJS.ProcessEnv; readonly folder: string };

/** An empty text where unset would admit every user (A65), or replace the database of a site by a new one. */
function emptyFault(
  { name, neverEmpty, neverEmptyInProduction }: Setting<unknown>,
  given: GivenSettings,
  { environment, folder }: Place,
): readonly Fault[] {
  const limitsAccess = neverEmpty === true || (neverEmpty !== undefined && given.names.includes(neverEmpty));
  if (!limitsAccess && neverEmptyInProduction === undefined) return [];
  const variable = emptyVariable(environment, folder, name);
  if (variable === null || (!limitsAccess && !isProduction(environment, folder))) return [];
  const why = limitsAccess ? ', and limits access' : ', and this is production';
  return [{ name: variable, message: `is empty${why}; give its value, or leave it out` }];
}

/** What development ignores and production refuses: values of other software under the name of a setting. */
export function settingWarnings(environment: NodeJS.ProcessEnv, folder: string): readonly Fault[] {
  return environmentSource(environment, Object.values(definitionsGiven(environment, folder)), folder)
    .warnings;
}

/**
 * Reads the settings of a server from the environment, and in development from `.env` in the working folder.
 * @throws {SettingsError} naming every fault at once
 */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv, folder: string): Settings {
  return resolve(fromEnvironment(environment, folder));
}

/**
 * Reads the settings of a library from the options of `createLatchkey`.
 * @param others the names of its options that are no settings
 * @throws {SettingsError} naming every fault at once
 */
export function settingsFromOptions(options: OptionValues, others: readonly string[] = []): Settings {
  return resolve(fromOptions(options, others));
}

function fromOptions(options: OptionValues, others: readonly string[] = []): GivenSettings {
  const definitions = definitionsOf(Object.keys(options));
  const given = optionSource(options, definitions, others);
  // Which way leads out is a property of the machine, as it is for other software there.
  const proxies = proxyVariables(process.env);
  const names = [...new Set([...given.names, ...proxies.keys()])];
  return { ...given, names, text: (name) => given.text(name) ?? proxies.get(name) };
}

/**
 * The options of an application as the variables that would say the same, for commands that read the environment. Nothing
 * else is read beside them, such as `.env`.
 * @throws {SettingsError} naming every fault at once
 */
export function environmentOfOptions(options: OptionValues): NodeJS.ProcessEnv {
  const { names, text, faults } = fromOptions(options);
  if (faults.length > 0) throw new SettingsError(faults);
  return { NODE_ENV: 'production', ...Object.fromEntries(names.map((name) => [name, text(name)])) };
}

/** Every setting that an application may give, with those of the providers that its options name. */
function definitionsOf(options: readonly string[]): readonly Setting<unknown>[] {
  return [...everySetting, ...Object.values(issuerSettings(options.map(environmentName)))];
}

/**
 * Calls the settings in an error as the options of the application are written.
 * @returns other errors as they are
 */
export function inWordsOfOptions(error: unknown, options: readonly string[]): unknown {
  if (!(error instanceof SettingsError)) return error;
  const settings = definitionsOf(options).map(({ name }) => name);
  return new SettingsError(faultsOfOptions(error.faults, options, settings));
}

/**
 * Reads where the data lies, for work on the database alone: no secret is made for it.
 * @throws {SettingsError} naming every fault at once
 */
export function databaseFromEnvironment(
  environment: NodeJS.ProcessEnv,
  folder: string,
): Pick<Settings, 'databaseUrl' | 'databaseOptions' | 'logLevel' | 'auditRetention'> {
  const values = check(fromEnvironment(environment, folder));
  const { databaseUrl, logLevel, auditRetention } = values;
  return { databaseUrl, databaseOptions: databaseOptionsFrom(values), logLevel, auditRetention };
}

/**
 * Reads the secrets that sign. In development one is made where there is none yet.
 * @throws {SettingsError} naming every fault at once
 */
export function secretKeysFromEnvironment(environment: NodeJS.ProcessEnv, folder: string): SecretList {
  const { secretKey, databaseUrl } = check(fromEnvironment(environment, folder));
  return secretKey === undefined ? developmentSecret(databaseUrl) : splitSecrets(secretKey);
}

/** The settings as they were given, for looking at them: no secret is made where none is given, and nothing is opened. */
export type GivenValues = ReturnType<typeof givenSettings>;

/**
 * Reads the settings as they were given, changing nothing.
 * @throws {SettingsError} naming every fault at once
 */
export function givenSettings(environment: NodeJS.ProcessEnv, folder: string) {
  const given = fromEnvironment(environment, folder);
  const values = check(given);
  const { baseUrl } = resolveOrigin(values);
  return {
    ...values,
    baseUrl,
    cookiePrefix: cookiePrefixFor(values),
    providers: readProviders(given, values.baseUrl).providers,
    smtpUrl: smtpServerFrom(values),
    databaseOptions: databaseOptionsFrom(values),
    secretKeys: values.secretKey === undefined ? null : splitSecrets(values.secretKey),
    files: settingFiles(withProxyVariables(environment), secretNames(environment, folder), folder),
  };
}

function secretNames(environment: NodeJS.ProcessEnv, folder: string): readonly string[] {
  const definitions = Object.values(definitionsGiven(environment, folder));
  return definitions.flatMap(({ name, secret }) => (secret === true ? [name] : []));
}

/** A setting as it is given: secrets are masked, and what is derived later has a meaning instead of a value. */
export type EffectiveSetting = {
  readonly name: string;
  readonly value: string | null;
  readonly meaning: string | null;
  readonly isDefault: boolean;
};

/**
 * Every setting as `serve` would have it, changing nothing.
 * @throws {SettingsError} naming every fault at once
 */
export function effectiveSettings(
  environment: NodeJS.ProcessEnv,
  folder: string,
): readonly EffectiveSetting[] {
  const given = fromEnvironment(environment, folder);
  const values = check(given);
  const { baseUrl, hosts } = resolveOrigin(values);
  const derived: Readonly<Record<string, string>> = {
    BASE_URL: baseUrl.origin,
    HOST: hosts.join(', '),
    COOKIE_PREFIX: cookiePrefixFor(values),
  };
  return Object.values(definitionsGiven(environment, folder)).map((definition) => {
    const text = given.text(definition.name);
    const value = derived[definition.name] ?? shown(definition, text);
    const meaning = value === null ? (definition.fallbackMeaning?.replaceAll('`', '') ?? null) : null;
    return { name: definition.name, value, meaning, isDefault: text === undefined };
  });
}

function shown({ secret, masked, fallback }: Setting<unknown>, text: string | undefined): string | null {
  const standing = text ?? fallback;
  if (standing === null || !secret) return standing;
  return masked === undefined ? '********' : masked(standing);
}

function resolve(given: GivenSettings): Settings {
  const values = check(given);
  const { providers } = readProviders(given, values.baseUrl);
  const { secretKey: _, ...others } = values;
  return { ...others, ...resolveCoreSettings(values), providers };
}

function check(given: GivenSettings): SettingValues<typeof settingDefinitions> {
  const { values, whole, faults: ofEach } = readSettings(settingDefinitions, given);
  // A setting that was given in a wrong way is not missing, too.
  const named = new Set(ofEach.map(({ name }) => withoutOwnPrefix(name.replace(/_FILE$/, ''))));
  const joined = [
    ...deploymentFaults(values),
    ...templateFaults(values.mailTemplates),
    ...nextPageFaults(values),
    ...readProviders(given, values.baseUrl).faults,
  ];
  const allFaults = [...ofEach, ...joined.filter(({ name }) => !named.has(name))];
  if (whole === null || allFaults.length > 0) throw new SettingsError(allFaults.map(asGiven(given)));
  return whole;
}

/** Calls a setting as the operator has: `LATCHKEY_PORT`, if it is given so. */
function asGiven({ variable }: GivenSettings): (fault: Fault) => Fault {
  return ({ name, message }) => ({ name: variable(name), message });
}

/** Pages that redirect signed-in users to the page after signing in, which therefore cannot be that page. */
const PAGES_BEFORE_SIGN_IN: readonly string[] = [paths.login, paths.register];

function nextPageFaults(values: Partial<SettingValues<typeof settingDefinitions>>): readonly Fault[] {
  const { basePath = '', trustedOrigins = [], afterSignIn, afterRegistration, afterSignOut } = values;
  const { baseUrl: given, host, port = 0, tlsCert } = values;
  const { baseUrl } = resolveOrigin({ baseUrl: given, host, port, tlsCert });
  const pages = {
    AFTER_SIGN_IN: afterSignIn,
    AFTER_REGISTRATION: afterRegistration,
    AFTER_SIGN_OUT: afterSignOut,
  };
  return Object.entries(pages).flatMap(([name, page]) => {
    if (page === undefined) return [];
    if (safeNextPath(page, baseUrl.origin, trustedOrigins) === null)
      return [
        {
          name,
          message: `${JSON.stringify(page)} is neither a path such as /notes nor an address of TRUSTED_ORIGINS`,
        },
      ];
    const isBefore =
      name !== 'AFTER_SIGN_OUT' && PAGES_BEFORE_SIGN_IN.includes(onwardPath(page, { baseUrl, basePath }));
    return isBefore
      ? [
          {
            name,
            message: `${JSON.stringify(page)} would lead signed-in users in a circle; give a page of the application`,
          },
        ]
      : [];
  });
}

// The setting cannot know the mails of features.
function templateFaults(templates: MailTemplates | undefined): readonly Fault[] {
  const fault = templates === undefined ? null : templateFault(templates, emails);
  if (templates === undefined || fault === null) return [];
  return [{ name: 'MAIL_TEMPLATES', message: `${JSON.stringify(templates.folder)} ${fault}` }];
}
