import { type Fault, type GivenSettings, readSettings } from '../../../../platform/settings/read.ts';
import {
  optionalSetting,
  type Setting,
  type SettingDefinitions,
  type SettingValues,
  setting,
} from '../../../../platform/settings/setting.ts';
import { line, oneOf } from '../../../../platform/settings/values.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  providerUrl,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import { nameList } from '../name-list.ts';
import { rolesSetting } from '../roles.ts';
import { signingKey } from '../signing-key.ts';

/** What is set for each provider that is given by its issuer, of which there may be several. */
export type IssuerSettings = SettingValues<ReturnType<typeof issuerDefinitions>> & {
  /** As it stands in the names of the settings, such as `ACME`. */
  readonly name: string;
};

const NAME = '[A-Z0-9]+(?:_[A-Z0-9]+)*';
const SETTING = new RegExp(
  `^OIDC_(?<name>${NAME})_(?:ISSUER|CLIENT_ID|CLIENT_SECRET|PRIVATE_KEY|PRIVATE_KEY_ID|LABEL|TRUST_EMAIL|ALLOWED_GROUPS|ROLES|SCOPES|TOKENS|NEW_ACCOUNTS|LOGOUT|NETWORK)$`,
);
/** It stands beside each identity, in so many bytes. */
const LONGEST_NAME = 32;

/** The definitions of one of them. @param name in capitals; for the documents `<NAME>` */
export function issuerDefinitions(name: string) {
  const prefix = `OIDC_${name}`;
  return { ...clientDefinitions(prefix), ...ruleDefinitions(prefix) };
}

/** Where it is, and who this site is there. */
function clientDefinitions(prefix: string) {
  return {
    issuer: optionalSetting({
      name: `${prefix}_ISSUER`,
      meaning:
        'Issuer of an OpenID Connect provider. There may be several providers, each with its own `<NAME>`.',
      schema: providerUrl,
    }),
    clientId: clientIdSetting(prefix, 'the provider'),
    clientSecret: clientSecretSetting(prefix, 'the provider'),
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

/** What its people see, and what they may. */
function ruleDefinitions(prefix: string) {
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
        'Whether an address that the provider marks as verified counts as confirmed: `on` only if no user of the provider can have another person’s address.',
      fallback: 'off',
      schema: oneOf(['on', 'off']),
    }),
    allowedGroups: optionalSetting({
      name: `${prefix}_ALLOWED_GROUPS`,
      meaning:
        'Groups (claim `groups`) whose members may sign in, separated by commas; put a name that contains commas into double quotes.',
      fallbackMeaning: 'all users of the provider',
      neverEmpty: `${prefix}_CLIENT_ID`,
      schema: nameList,
    }),
    roles: rolesSetting(
      prefix,
      'Roles by the claims `groups` and `roles`: pairs such as `admins=admin`, separated by commas. They belong to the session that the sign-in begins.',
    ),
    scopes: scopesSetting(prefix, 'the provider'),
    tokens: tokensSetting(prefix, 'the provider'),
    newAccounts: newAccountsSetting(prefix, 'the provider'),
    logout: setting({
      name: `${prefix}_LOGOUT`,
      meaning: 'Where signing out ends the session: `here`, or `both` here and at the provider.',
      fallback: 'here',
      schema: oneOf(['here', 'both']),
    }),
  };
}

/** Those of some names that are settings of such a provider. */
export function issuerSettingNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => SETTING.test(name));
}

/** The definitions of all that is given under these names. */
export function definitionsOfIssuers(names: readonly string[]): SettingDefinitions {
  const found = issuerNames(names).flatMap((name) => Object.values(issuerDefinitions(name)));
  return Object.fromEntries(found.map((definition) => [definition.name, definition]));
}

export type IssuerReading = {
  readonly issuers: readonly IssuerSettings[];
  readonly faults: readonly Fault[];
};

/** Reads all such providers and collects all faults. */
export function readIssuers(given: GivenSettings): IssuerReading {
  const readings = issuerNames(given.names).map((name) => readIssuer(given, name));
  return {
    issuers: readings.flatMap(({ issuer }) => (issuer === null ? [] : [issuer])),
    faults: readings.flatMap(({ faults }) => faults),
  };
}

function readIssuer(given: GivenSettings, name: string) {
  const definitions = issuerDefinitions(name);
  const { whole, faults } = readSettings(definitions, { ...given, faults: [] });
  const isGiven = (definition: Setting<unknown>) => given.text(definition.name) !== undefined;
  const { issuer, clientId, clientSecret, privateKey } = definitions;
  const proofs = [clientSecret, privateKey].filter(isGiven);
  const missing = [issuer, clientId, ...(proofs.length === 0 ? [clientSecret] : [])].filter(
    (definition) => !isGiven(definition),
  );
  const all: readonly Fault[] = [
    ...faults,
    ...missing.map((definition) => ({
      name: definition.name,
      message: `is missing; OIDC_${name}_ISSUER, _CLIENT_ID and _CLIENT_SECRET go together`,
    })),
    ...(proofs.length > 1
      ? [{ name: privateKey.name, message: `is set, and ${clientSecret.name} is, too; give one of them` }]
      : []),
    ...(name.length > LONGEST_NAME ? [{ name: `OIDC_${name}_ISSUER`, message: 'has too long a name' }] : []),
  ];
  return { issuer: whole === null || all.length > 0 ? null : { ...whole, name }, faults: all };
}

/** The names of such providers, as they stand in the names of settings. */
export function issuerNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => SETTING.exec(name)?.groups?.['name'] ?? []))].sort();
}
