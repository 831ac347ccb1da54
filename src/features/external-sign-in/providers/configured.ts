import type { OwnPrefix } from '../../../platform/settings/misspelt-names.ts';
import type { Fault } from '../../../platform/settings/read.ts';
import type { SettingValues } from '../../../platform/settings/setting.ts';
import { isLoopbackHost } from '../../../platform/web/own-host.ts';
import { apple, appleSettings } from './built-in/apple.ts';
import { discord, discordSettings } from './built-in/discord.ts';
import { github, githubSettings } from './built-in/github.ts';
import { gitlab, gitlabSettings } from './built-in/gitlab.ts';
import { GOOGLE_LASTING, google, googleSettings } from './built-in/google.ts';
import { microsoft, microsoftSettings } from './built-in/microsoft.ts';
import { issuerProvider } from './issuers/issuer.ts';
import { type IssuerSettings, issuerNames } from './issuers/issuer-settings.ts';
import type { Client, Provider } from './provider.ts';
import { type SiteRules, withRules } from './rules.ts';

export const providerSettings = {
  ...googleSettings,
  ...githubSettings,
  ...microsoftSettings,
  ...gitlabSettings,
  ...discordSettings,
  ...appleSettings,
};

type ProviderValues = SettingValues<typeof providerSettings>;

/** The names that a provider given by its issuer cannot have. */
const BUILT_IN: readonly string[] = ['google', 'github', 'microsoft', 'gitlab', 'discord', 'apple'];

/** The providers that are set, in the order in which their buttons stand. */
export function configuredProviders(
  values: ProviderValues,
  issuers: readonly IssuerSettings[],
): readonly Provider[] {
  const { microsoftTenant, githubUrl, gitlabUrl } = values;
  const { googleAllowedDomains, githubAllowedOrganisations, githubRoles } = values;
  const built = [
    withClient(values.googleClientId, values.googleClientSecret, (client) =>
      withRules(google(client, googleAllowedDomains), rulesFor('google', values), GOOGLE_LASTING),
    ),
    withClient(values.githubClientId, values.githubClientSecret, (client) => {
      const site = github(client, githubUrl, githubAllowedOrganisations, githubRoles);
      return withRules(site, rulesFor('github', values));
    }),
    withClient(values.microsoftClientId, values.microsoftClientSecret, (client) => {
      const lasting = { scopes: ['offline_access'] };
      return withRules(microsoft(client, microsoftTenant), rulesFor('microsoft', values), lasting);
    }),
    withClient(values.gitlabClientId, values.gitlabClientSecret, (client) =>
      withRules(gitlab(client, gitlabUrl), rulesFor('gitlab', values)),
    ),
    withClient(values.discordClientId, values.discordClientSecret, (client) =>
      withRules(discord(client), rulesFor('discord', values)),
    ),
    withKey(values),
  ];
  return [...built, ...issuers.map(issuerProvider)].filter((provider) => provider !== null);
}

function rulesFor(
  name: 'google' | 'github' | 'microsoft' | 'gitlab' | 'discord',
  values: ProviderValues,
): SiteRules {
  return {
    scopes: values[`${name}Scopes`],
    tokens: values[`${name}Tokens`],
    newAccounts: values[`${name}NewAccounts`],
  };
}

function withKey({ appleClientId, appleTeamId, appleKeyId, applePrivateKey }: AppleValues): Provider | null {
  if (appleClientId === undefined || appleTeamId === undefined) return null;
  if (appleKeyId === undefined || applePrivateKey === undefined) return null;
  return apple(appleClientId, { teamId: appleTeamId, keyId: appleKeyId, privateKey: applePrivateKey });
}

type AppleValues = Pick<ProviderValues, keyof typeof appleSettings>;

function withClient(
  id: string | undefined,
  secret: string | undefined,
  make: (client: Client) => Provider,
): Provider | null {
  return id === undefined || secret === undefined ? null : make({ id, secret });
}

/** What the settings of the providers in use begin with. @param given the names of all variables that have a value */
export function providerPrefixes(given: readonly string[]): readonly OwnPrefix[] {
  const isUsed = (prefix: string) =>
    [`${prefix}CLIENT_ID`, `${prefix}CLIENT_SECRET`].some((name) => given.includes(name));
  const builtIn = BUILT_IN.map((name) => `${name.toUpperCase()}_`).filter(isUsed);
  const issuers = issuerNames(given);
  return [
    ...builtIn.map((prefix) => ({ prefix, isExclusive: false })),
    ...issuers.map((name) => ({ prefix: `OIDC_${name}_`, isExclusive: true })),
    ...(issuers.length > 0 ? [{ prefix: 'OIDC_', isExclusive: false }] : []),
  ];
}

type JoinedValues = Partial<ProviderValues> & { readonly baseUrl?: URL | undefined };

/** The faults of rules that join several settings. */
export function providerFaults(values: JoinedValues, issuers: readonly IssuerSettings[]): readonly Fault[] {
  const pairs = [
    [googleSettings.googleClientId.name, values.googleClientId, values.googleClientSecret],
    [githubSettings.githubClientId.name, values.githubClientId, values.githubClientSecret],
    [microsoftSettings.microsoftClientId.name, values.microsoftClientId, values.microsoftClientSecret],
    [gitlabSettings.gitlabClientId.name, values.gitlabClientId, values.gitlabClientSecret],
    [discordSettings.discordClientId.name, values.discordClientId, values.discordClientSecret],
  ] as const;
  return [
    ...pairs.flatMap(([name, id, secret]) => halfGiven(name, id, secret)),
    ...appleFaults(values),
    ...plainFaults('GITHUB_URL', values.githubUrl, values.baseUrl),
    ...plainFaults('GITLAB_URL', values.gitlabUrl, values.baseUrl),
    ...issuers.flatMap(({ name, issuer }) => [
      ...plainFaults(`OIDC_${name}_ISSUER`, issuer, values.baseUrl),
      ...nameFaults(name),
    ]),
  ];
}

function halfGiven(idName: string, id: string | undefined, secret: string | undefined): readonly Fault[] {
  if ((id === undefined) === (secret === undefined)) return [];
  const secretName = idName.replace(/_ID$/, '_SECRET');
  const [missing, given] = id === undefined ? [idName, secretName] : [secretName, idName];
  return [{ name: missing, message: `is missing, and ${given} is set; give both` }];
}

function appleFaults(values: JoinedValues): readonly Fault[] {
  const all = [
    [appleSettings.appleClientId.name, values.appleClientId],
    [appleSettings.appleTeamId.name, values.appleTeamId],
    [appleSettings.appleKeyId.name, values.appleKeyId],
    [appleSettings.applePrivateKey.name, values.applePrivateKey],
  ] as const;
  const missing = all.filter(([, value]) => value === undefined);
  if (missing.length === all.length) return [];
  const message = 'is missing, and other settings of Apple are given; give all four';
  return missing.map(([name]) => ({ name, message }));
}

// In development a provider may stand beside the site. In production it would be somebody's way to this machine.
function plainFaults(name: string, url: URL | undefined, baseUrl: URL | undefined): readonly Fault[] {
  const isDevelopment = baseUrl === undefined || isLoopbackHost(baseUrl.hostname);
  if (url === undefined || url.protocol === 'https:' || isDevelopment) return [];
  return [{ name, message: `"${url.href}" would send codes in the clear; give an https: URL` }];
}

function nameFaults(name: string): readonly Fault[] {
  if (!BUILT_IN.includes(name.toLowerCase())) return [];
  return [
    {
      name: `OIDC_${name}_ISSUER`,
      message: `has the name of a provider that is built in; use ${name}_CLIENT_ID`,
    },
  ];
}
