import type {
  Fault,
  GivenSettings,
  OwnPrefix,
  SettingDefinitions,
} from '../../../platform/settings/index.ts';
import { apple } from './built-in/apple.ts';
import { discord } from './built-in/discord.ts';
import { github } from './built-in/github.ts';
import { gitlab } from './built-in/gitlab.ts';
import { google } from './built-in/google.ts';
import { microsoft } from './built-in/microsoft.ts';
import { issuerDefinitions, issuerNames, readIssuer } from './oidc-issuers.ts';
import type { Provider } from './provider.ts';

/** The built-in providers, in the order of their buttons. Adding one takes its file, its import and its entry. */
const BUILT_IN = [google, github, microsoft, gitlab, discord, apple] as const;

export const providerSettings: SettingDefinitions = byName(
  BUILT_IN.flatMap(({ definitions }) => definitions),
);

/** The settings of the providers that are given by their issuer. @param names those of all given settings */
export function issuerSettings(names: readonly string[]): SettingDefinitions {
  return byName(issuerNames(names).flatMap((name) => Object.values(issuerDefinitions(name))));
}

function byName(definitions: readonly SettingDefinitions[string][]): SettingDefinitions {
  return Object.fromEntries(definitions.map((definition) => [definition.name, definition]));
}

export type ProvidersReading = { readonly providers: readonly Provider[]; readonly faults: readonly Fault[] };

/** Reads the providers that are configured. @param baseUrl undefined in development */
export function readProviders(given: GivenSettings, baseUrl: URL | undefined): ProvidersReading {
  const reserved = BUILT_IN.map(({ name }) => name);
  const readings = [
    ...BUILT_IN.map(({ read }) => read(given, baseUrl)),
    ...issuerNames(given.names).map((name) => readIssuer(name, given, baseUrl, reserved)),
  ];
  return {
    providers: readings.flatMap(({ provider }) => provider ?? []),
    faults: readings.flatMap(({ faults }) => faults),
  };
}

/** How the settings of a provider are called that say where it is and who we are there. */
export type NamedSettings = { readonly prefix: string; readonly address: string | null };

export function namedSettings({ name }: Pick<Provider, 'name'>): NamedSettings {
  const builtIn = BUILT_IN.find((provider) => provider.name === name);
  if (builtIn === undefined) {
    const prefix = `OIDC_${name.toUpperCase().replaceAll('-', '_')}`;
    return { prefix, address: `${prefix}_ISSUER` };
  }
  const names = builtIn.definitions.map((definition) => definition.name);
  return {
    prefix: name.toUpperCase(),
    address: names.find((one) => /_(?:URL|TENANT)$/.test(one)) ?? null,
  };
}

/** The prefixes of the settings of the providers in use. @param given the names of all variables that have a value */
export function providerPrefixes(given: readonly string[]): readonly OwnPrefix[] {
  const isUsed = (prefix: string) =>
    [`${prefix}CLIENT_ID`, `${prefix}CLIENT_SECRET`].some((name) => given.includes(name));
  const builtIn = BUILT_IN.map(({ name }) => `${name.toUpperCase()}_`).filter(isUsed);
  const issuers = issuerNames(given);
  return [
    ...builtIn.map((prefix) => ({ prefix, isExclusive: false })),
    ...issuers.map((name) => ({ prefix: `OIDC_${name}_`, isExclusive: true })),
    ...(issuers.length > 0 ? [{ prefix: 'OIDC_', isExclusive: false }] : []),
  ];
}
