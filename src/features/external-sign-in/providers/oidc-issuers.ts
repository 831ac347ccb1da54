import {
  type Fault,
  type GivenSettings,
  line,
  oneOf,
  optionalSetting,
  readSettings,
  type Setting,
  type SettingValues,
  setting,
} from '../../../platform/settings/index.ts';
import type { Claims } from './claims.ts';
import {
  clientSettings,
  type OfflineAccess,
  type ProviderReading,
  plainHttpFaults,
  providerUrl,
  withPolicy,
} from './define-provider.ts';
import { nameList, rolesIn, rolesOf, rolesSetting } from './group-names.ts';
import type { Client, Provider } from './provider.ts';
import { signingKey } from './signing-key.ts';

/** The settings of an OpenID Connect provider that is given by its issuer. @param name in capitals, such as `ACME` */
export function issuerDefinitions(name: string) {
  const prefix = `OIDC_${name}`;
  return {
    ...connectionSettings(prefix),
    ...clientSettings(prefix, 'the provider'),
    ...userSettings(prefix),
  };
}

function connectionSettings(prefix: string) {
  return {
    issuer: optionalSetting({
      name: `${prefix}_ISSUER`,
      meaning:
        'Issuer of an OpenID Connect provider. There may be several providers, each with its own `<NAME>`.',
      schema: providerUrl,
    }),
    privateKey: optionalSetting({
      name: `${prefix}_PRIVATE_KEY`,
      meaning:
        'Private key (PEM) that authenticates this site to the provider (`private_key_jwt`) instead of a secret; preferably given as `…_PRIVATE_KEY_FILE`.',
      secret: true,
      schema: signingKey,
    }),
    privateKeyId: optionalSetting({
      name: `${prefix}_PRIVATE_KEY_ID`,
      meaning: 'Key id (`kid`) of that key at the provider.',
      schema: line(255),
    }),
    network: setting({
      name: `${prefix}_NETWORK`,
      meaning: 'Where the provider is: `public`, or `inside`, which permits private addresses.',
      fallback: 'public',
      schema: oneOf(['public', 'inside']),
    }),
  };
}

function userSettings(prefix: string) {
  return {
    label: optionalSetting({
      name: `${prefix}_LABEL`,
      meaning: 'Name of the provider on the sign-in button.',
      fallbackMeaning: '`<NAME>`',
      schema: line(40),
    }),
    trustEmail: setting({
      name: `${prefix}_TRUST_EMAIL`,
      meaning:
        'Whether an address that the provider marks as verified counts as confirmed: `on` only if no user of the provider can have the address of another user.',
      fallback: 'off',
      schema: oneOf(['on', 'off']),
    }),
    allowedGroups: optionalSetting({
      name: `${prefix}_ALLOWED_GROUPS`,
      meaning:
        'Groups whose members may sign in, separated by commas; put a name that contains commas into double quotes.',
      fallbackMeaning: 'all users of the provider',
      neverEmpty: `${prefix}_CLIENT_ID`,
      hasQuotes: true,
      schema: nameList,
    }),
    groupsClaim: setting({
      name: `${prefix}_GROUPS_CLAIM`,
      meaning:
        'Claim that has the groups: its name, which may be an address, or its path, such as `realm_access.roles`.',
      fallback: 'groups',
      schema: line(255),
    }),
    roles: rolesSetting(
      prefix,
      'Roles by the groups and the claim `roles`: pairs such as `admins=admin`, separated by commas. They belong to the session that the sign-in begins.',
    ),
    logout: setting({
      name: `${prefix}_LOGOUT`,
      meaning: 'Where signing out ends the session: `here`, or `both` here and at the provider.',
      fallback: 'here',
      schema: oneOf(['here', 'both']),
    }),
  };
}

const PREFIX = 'OIDC_';
const SUFFIXES = Object.values(issuerDefinitions('X')).map(({ name }) => name.slice(`${PREFIX}X_`.length));
const SETTING = new RegExp(`^${PREFIX}(?<name>[A-Z0-9]+(?:_[A-Z0-9]+)*)_(?:${SUFFIXES.join('|')})$`);
/** The size of the column, in bytes. */
const MAX_NAME_LENGTH = 32;

/** The names of such providers, as the names of settings contain them. */
export function issuerNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => SETTING.exec(name)?.groups?.['name'] ?? []))].sort();
}

/** @param reserved the names of the built-in providers */
export function readIssuer(
  name: string,
  given: GivenSettings,
  baseUrl: URL | undefined,
  reserved: readonly string[],
): ProviderReading {
  const definitions = issuerDefinitions(name);
  const { whole, values, faults: ofEach } = readSettings(definitions, { ...given, faults: [] });
  const faults = [
    ...ofEach,
    ...credentialFaults(name, given),
    ...plainHttpFaults(definitions, values, baseUrl),
    ...nameFaults(name, reserved),
    ...ruleFaults(definitions, values),
  ];
  return { provider: whole === null || faults.length > 0 ? null : issuerProvider(name, whole), faults };
}

function credentialFaults(name: string, given: GivenSettings): readonly Fault[] {
  const { issuer, clientId, clientSecret, privateKey } = issuerDefinitions(name);
  const isGiven = (definition: Setting<unknown>) => given.text(definition.name) !== undefined;
  const proofs = [clientSecret, privateKey].filter(isGiven);
  const missing = [issuer, clientId, ...(proofs.length === 0 ? [clientSecret] : [])].filter(
    (definition) => !isGiven(definition),
  );
  return [
    ...missing.map((definition) => ({
      name: definition.name,
      message: `is missing; ${issuer.name}, ${clientId.name} and ${clientSecret.name} go together`,
    })),
    ...(proofs.length > 1
      ? [{ name: privateKey.name, message: `is set, and ${clientSecret.name} is, too; give one of them` }]
      : []),
  ];
}

function nameFaults(name: string, reserved: readonly string[]): readonly Fault[] {
  const setting = `OIDC_${name}_ISSUER`;
  if (name.length > MAX_NAME_LENGTH) return [{ name: setting, message: 'has too long a name' }];
  if (!reserved.includes(name.toLowerCase())) return [];
  const message = `has the name of a provider that is built in; use ${name}_CLIENT_ID`;
  return [{ name: setting, message }];
}

/** Issuers that send no groups. @see https://developers.google.com/identity/openid-connect/openid-connect */
const WITHOUT_GROUPS: ReadonlyMap<string, string> = new Map([
  ['accounts.google.com', 'use GOOGLE_CLIENT_ID and GOOGLE_ALLOWED_DOMAINS'],
  ['appleid.apple.com', 'leave the setting out'],
]);

/** The faults of rules that can admit no user. */
function ruleFaults(
  { allowedGroups: setting }: ReturnType<typeof issuerDefinitions>,
  { issuer, allowedGroups }: Partial<IssuerValues>,
): readonly Fault[] {
  if (allowedGroups === undefined) return [];
  const advice = WITHOUT_GROUPS.get(issuer?.hostname ?? '');
  if (advice !== undefined)
    return [
      {
        name: setting.name,
        message: `would admit no user, because this provider sends no groups; ${advice}`,
      },
    ];
  if (!allowedGroups.some((group) => /^[*%]$/.test(group))) return [];
  return [
    {
      name: setting.name,
      message: 'has a pattern, and groups are compared as they are; leave it out to admit all users',
    },
  ];
}

/** @see OpenID Connect Core 1.0 §11 */
const OFFLINE_ACCESS: OfflineAccess = { scopes: ['offline_access'], parameters: { prompt: 'consent' } };

type IssuerValues = SettingValues<ReturnType<typeof issuerDefinitions>>;

function issuerProvider(settingName: string, values: IssuerValues): Provider | null {
  const { issuer, label, trustEmail, allowedGroups, groupsClaim, roles, logout, network } = values;
  const client = clientFrom(values);
  if (issuer === undefined || client === null) return null;
  const name = settingName.toLowerCase().replaceAll('_', '-');
  const provider: Provider = {
    name,
    label: label ?? name,
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer },
    // Only the operator knows which addresses the users of this provider may have.
    isAddressTrusted: () => trustEmail === 'on',
    ...(allowedGroups !== undefined && {
      isAdmitted: ({ groups }: Claims) => groups.some((group) => allowedGroups.includes(group)),
      admittedBy: 'groups',
    }),
    ...(roles !== undefined && {
      rolesOf: (claims: Claims) => rolesOf(roles, [...claims.groups, ...claims.roles]),
      possibleRoles: rolesIn(roles),
    }),
    ...(groupsClaim !== 'groups' && { groupsClaim }),
    hasRpInitiatedLogout: logout === 'both',
    canReauthenticate: true,
    isPrivateNetworkAllowed: network === 'inside',
  };
  return withPolicy(provider, values, OFFLINE_ACCESS);
}

function clientFrom({ clientId: id, clientSecret, privateKey, privateKeyId }: IssuerValues): Client | null {
  if (id === undefined) return null;
  if (privateKey !== undefined) return { id, privateKey: { key: privateKey, keyId: privateKeyId } };
  return clientSecret === undefined ? null : { id, secret: clientSecret };
}
