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
        'Signing in with any OpenID Connect provider: its issuer. There may be several, each with a name of its own.',
      schema: providerUrl,
    }),
    clientId: clientIdSetting(prefix, 'it'),
    clientSecret: clientSecretSetting(prefix, 'it'),
    privateKey: optionalSetting({
      name: `${prefix}_PRIVATE_KEY`,
      meaning:
        'In the place of a secret: the private key, as PEM, with which this site shows that it is itself (`private_key_jwt`); best given as `…_PRIVATE_KEY_FILE`.',
      secret: true,
      schema: signingKey,
    }),
    privateKeyId: optionalSetting({
      name: `${prefix}_PRIVATE_KEY_ID`,
      meaning: 'What it calls the public half of that key (`kid`).',
      schema: line(255),
    }),
    network: setting({
      name: `${prefix}_NETWORK`,
      meaning: 'Where it is: `public`, or `inside`, which lets it have a private address.',
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
      meaning: 'What people call it.',
      fallbackMeaning: 'the name',
      schema: line(40),
    }),
    trustEmail: setting({
      name: `${prefix}_TRUST_EMAIL`,
      meaning:
        'Whether an address that it calls verified is taken as confirmed: `on` only where nobody can have somebody else’s address there.',
      fallback: 'off',
      schema: oneOf(['on', 'off']),
    }),
    allowedGroups: optionalSetting({
      name: `${prefix}_ALLOWED_GROUPS`,
      meaning:
        'The groups, as its claim `groups` names them, whose members alone may sign in with it, separated by commas; a name with commas stands in double quotes.',
      fallbackMeaning: 'everybody',
      neverEmpty: `${prefix}_CLIENT_ID`,
      schema: nameList,
    }),
    roles: rolesSetting(
      prefix,
      'What its people may be here, by its claims `groups` and `roles`: pairs such as `admins=admin`, separated by commas. They count for the session that they sign in to.',
    ),
    scopes: scopesSetting(prefix, 'it'),
    tokens: tokensSetting(prefix, 'it'),
    newAccounts: newAccountsSetting(prefix, 'it'),
    logout: setting({
      name: `${prefix}_LOGOUT`,
      meaning: 'Whether whoever signs out here is taken there, to be signed out, too: `here` or `both`.',
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
