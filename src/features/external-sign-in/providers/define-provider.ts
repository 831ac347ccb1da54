import { z } from 'zod';
import {
  type Fault,
  type GivenSettings,
  givenAs,
  line,
  oneOf,
  optionalSetting,
  readSettings,
  refuse,
  type Setting,
  type SettingDefinitions,
  type SettingValues,
  setting,
} from '../../../platform/settings/index.ts';
import { isLoopbackHost } from '../../../platform/web/index.ts';
import type { Provider } from './provider.ts';

/** The settings that every provider has. @param prefix such as `GOOGLE` */
export function clientSettings(prefix: string, label: string) {
  return {
    clientId: optionalSetting({
      name: `${prefix}_CLIENT_ID`,
      meaning: `Client ID at ${label}. The sign-in button appears when the client ID and the secret are set.`,
      schema: line(255),
    }),
    clientSecret: optionalSetting({
      name: `${prefix}_CLIENT_SECRET`,
      meaning: `Client secret at ${label}.`,
      secret: true,
      schema: line(1_000),
    }),
    scopes: optionalSetting({
      name: `${prefix}_SCOPES`,
      meaning: `Additional scopes to request from ${label} for the application’s own calls, separated by spaces.`,
      schema: scopeList,
    }),
    tokens: setting({
      name: `${prefix}_TOKENS`,
      meaning: `Whether the tokens of ${label} are kept, sealed, for the application’s own calls: \`drop\` or \`keep\`.`,
      fallback: 'drop',
      schema: oneOf(['drop', 'keep']),
    }),
    newAccounts: setting({
      name: `${prefix}_NEW_ACCOUNTS`,
      meaning: `What happens to a new user from ${label}: \`ask\` for a username, create an account with an \`automatic\` one, or admit \`none\`.`,
      fallback: 'ask',
      neverEmpty: `${prefix}_CLIENT_ID`,
      schema: oneOf(['ask', 'automatic', 'none']),
    }),
  };
}

const scopeList: z.ZodType<readonly string[], string> = givenAs(
  { list: 'spaces' },
  z.string().transform((text, context) => {
    const scopes = text.trim().split(/\s+/);
    // RFC 6749 §3.3
    if (scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope))) return scopes;
    return refuse(context, 'is no list of scopes; give them separated by spaces');
  }),
);

/** The address of a provider. http: is for this machine alone, because a network could read and forge its responses. */
export const providerUrl: z.ZodType<URL, string> = givenAs(
  'url',
  z.string().transform((text, context) => {
    const url = URL.parse(text.trim());
    const isFitting =
      url !== null &&
      (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) &&
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === '' &&
      url.href.length <= 200;
    const wanted = 'give an https: URL without a query, such as https://id.example.org';
    return isFitting ? url : refuse(context, `is no address of a provider; ${wanted}`);
  }),
);

/** What to request so that the provider issues a refresh token. */
export type OfflineAccess = Pick<Provider, 'parameters'> & { readonly scopes?: readonly string[] };

/** How the operator wants a provider to be used. */
export type OperatorPolicy = Pick<
  SettingValues<ReturnType<typeof clientSettings>>,
  'scopes' | 'tokens' | 'newAccounts'
>;

export function withPolicy(
  provider: Provider,
  { scopes = [], tokens, newAccounts }: OperatorPolicy,
  offlineAccess: OfflineAccess = {},
): Provider {
  const keepsTokens = tokens === 'keep';
  const all = [...provider.scopes, ...scopes, ...(keepsTokens ? (offlineAccess.scopes ?? []) : [])];
  return {
    ...provider,
    scopes: [...new Set(all)],
    ...(keepsTokens && { parameters: { ...provider.parameters, ...offlineAccess.parameters } }),
    keepsTokens,
    newAccounts,
  };
}

export type ProviderReading = { readonly provider: Provider | null; readonly faults: readonly Fault[] };

/** A provider that a file of `built-in/` describes. */
export type BuiltInProvider<
  Name extends string = string,
  Own extends SettingDefinitions = SettingDefinitions,
> = {
  readonly name: Name;
  /** The settings that only this provider has; `url` is the option `githubUrl`. */
  readonly settings: Own;
  readonly definitions: readonly Setting<unknown>[];
  /** @param baseUrl undefined in development */
  readonly read: (given: GivenSettings, baseUrl: URL | undefined) => ProviderReading;
};

type Description<Name extends string, Own extends SettingDefinitions> = {
  readonly name: Name;
  readonly label: string;
  readonly settings: Own;
  readonly offlineAccess?: OfflineAccess;
  /** Creates each client secret; there is no setting `_CLIENT_SECRET` then. */
  readonly secret?: {
    readonly required: readonly (keyof Own)[];
    /** @returns undefined if a setting is missing */
    readonly create: (clientId: string, values: SettingValues<Own>) => (() => string) | undefined;
  };
  readonly describe: (values: SettingValues<Own>) => Omit<Provider, 'name' | 'label' | 'client'>;
};

/** Declares a built-in provider. Its settings begin with its name. */
export function defineProvider<const Name extends string, Own extends SettingDefinitions>({
  name,
  label,
  settings,
  offlineAccess,
  secret,
  describe,
}: Description<Name, Own>): BuiltInProvider<Name, Own> {
  const { clientSecret, ...others } = clientSettings(name.toUpperCase(), label);
  const common = { ...others, ...(secret === undefined && { clientSecret }) };
  const required = [
    others.clientId,
    ...(secret === undefined ? [clientSecret] : secret.required.flatMap((key) => settings[key] ?? [])),
  ];
  return {
    name,
    settings,
    definitions: [...Object.values(common), ...Object.values(settings)],
    read: (given, baseUrl) => {
      const ofClient = readSettings({ ...others, clientSecret }, { ...given, faults: [] });
      const ofProvider = readSettings(settings, { ...given, faults: [] });
      const faults = [
        ...ofClient.faults,
        ...ofProvider.faults,
        ...missingFaults(required, given),
        ...plainHttpFaults(settings, ofProvider.values, baseUrl),
      ];
      const [policy, values] = [ofClient.whole, ofProvider.whole];
      if (policy?.clientId === undefined || values === null || faults.length > 0)
        return { provider: null, faults };
      const id = policy.clientId;
      const proof = secret === undefined ? policy.clientSecret : secret.create(id, values);
      if (proof === undefined) return { provider: null, faults };
      const provider = { name, label, client: { id, secret: proof }, ...describe(values) };
      return { provider: withPolicy(provider, policy, offlineAccess), faults };
    },
  };
}

function missingFaults(required: readonly Setting<unknown>[], given: GivenSettings): readonly Fault[] {
  const missing = required.filter(({ name }) => given.text(name) === undefined);
  const [present] = required.filter((definition) => !missing.includes(definition));
  if (present === undefined) return [];
  const all = required.length === 2 ? 'both' : `all ${required.length}`;
  return missing.map(({ name }) => ({
    name,
    message: `is missing, and ${present.name} is set; give ${all}`,
  }));
}

/** The faults of plain http: it is for a provider beside an application in development. */
export function plainHttpFaults(
  definitions: SettingDefinitions,
  values: Readonly<Record<string, unknown>>,
  baseUrl: URL | undefined,
): readonly Fault[] {
  if (baseUrl === undefined || isLoopbackHost(baseUrl.hostname)) return [];
  return Object.entries(definitions).flatMap(([key, { name }]) => {
    const url = values[key];
    if (!(url instanceof URL) || url.protocol === 'https:') return [];
    return [{ name, message: `"${url.href}" would send codes in the clear; give an https: URL` }];
  });
}
