import { z } from 'zod';
import { optionalSetting, setting } from '../../../../platform/settings/setting.ts';
import type { Claims } from '../claims.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  providerUrl,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import { nameList } from '../name-list.ts';
import type { Ask, Provider } from '../provider.ts';
import { type RoleMap, rolesOf, rolesSetting } from '../roles.ts';

export const githubSettings = {
  githubClientId: clientIdSetting('GITHUB', 'GitHub'),
  githubClientSecret: clientSecretSetting('GITHUB', 'GitHub'),
  githubScopes: scopesSetting('GITHUB', 'GitHub'),
  githubTokens: tokensSetting('GITHUB', 'GitHub'),
  githubNewAccounts: newAccountsSetting('GITHUB', 'GitHub'),
  githubUrl: setting({
    name: 'GITHUB_URL',
    meaning: 'URL of GitHub or of your GitHub Enterprise Server.',
    fallback: 'https://github.com',
    schema: providerUrl,
  }),
  githubAllowedOrganisations: optionalSetting({
    name: 'GITHUB_ALLOWED_ORGANISATIONS',
    meaning: 'GitHub organisations whose members may sign in, by name, separated by commas.',
    fallbackMeaning: 'all users of the provider',
    neverEmpty: 'GITHUB_CLIENT_ID',
    schema: nameList.refine((names) => names.every((name) => /^[A-Za-z0-9_-]{1,100}$/.test(name)), {
      message:
        'holds a name that no organisation can have; give names as they stand in addresses, such as acme',
    }),
  }),
  githubRoles: rolesSetting(
    'GITHUB',
    'Roles of the members of GitHub organisations: pairs such as `acme=staff`, separated by commas.',
  ),
};

const text = z.string().optional().catch(undefined);
const userSchema = z.object({ id: z.int().positive(), login: text, name: text });
const organisation = z.object({ login: z.string() });
const address = z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() });

/**
 * GitHub speaks OAuth 2 without OpenID Connect. Who somebody is is the number of their account: a login can be changed,
 * and then taken by somebody else.
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export function github(
  client: Provider['client'],
  site: URL,
  organisations: readonly string[] | undefined,
  roles: RoleMap | undefined,
): Provider {
  const isAsked = organisations !== undefined || roles !== undefined;
  const names = organisations?.map((name) => name.toLowerCase());
  const at = (path: string) => new URL(path, site);
  return {
    name: 'github',
    label: 'GitHub',
    client,
    scopes: ['read:user', 'user:email', ...(isAsked ? ['read:org'] : [])],
    protocol: {
      kind: 'oauth',
      issuer: new URL('/login/oauth', site),
      authorizationEndpoint: at('/login/oauth/authorize'),
      tokenEndpoint: at('/login/oauth/access_token'),
      readClaims: (ask) => readClaims(ask, apiOf(site), isAsked),
    },
    // GitHub sends a mail to each address before it calls it verified, and has no accounts without their owner.
    isAddressTrusted: () => true,
    ...(names !== undefined && {
      isAdmitted: ({ groups }: Claims) => groups.some((group) => names.includes(group.toLowerCase())),
      admittedBy: 'groups',
    }),
    ...(roles !== undefined && {
      rolesOf: ({ groups }: Claims) => rolesOf(inSmall(roles), groups.map(small)),
    }),
    provesAnew: false,
    isInside: false,
  };
}

// GitHub takes the names of organisations without regard to capitals.
const small = (name: string) => name.toLowerCase();

function inSmall(roles: RoleMap): RoleMap {
  const names = new Set([...roles.keys()].map(small));
  const of = (name: string) => [...roles].flatMap(([group, given]) => (small(group) === name ? given : []));
  return new Map([...names].map((name) => [name, of(name)]));
}

async function readClaims(ask: Ask, api: string, asksForOrganisations: boolean) {
  const user = userSchema.parse(await ask(new URL(`${api}/user`)));
  // A GitHub App may lack the permission, and a sign-in needs no address.
  const emails = await ask(new URL(`${api}/user/emails`)).catch(() => null);
  const email = validOf(address, emails).find(({ primary }) => primary);
  return {
    sub: String(user.id),
    name: user.name,
    preferred_username: user.login,
    email: email?.email,
    email_verified: email?.verified,
    groups: asksForOrganisations ? await organisationsOf(ask, api) : [],
  };
}

/** At most a hundred; whoever belongs to more may be turned away. */
async function organisationsOf(ask: Ask, api: string): Promise<readonly string[]> {
  const found = await ask(new URL(`${api}/user/orgs?per_page=100`));
  return validOf(organisation, found).map(({ login }) => login);
}

/** The members of a list that are as they should be. */
function validOf<Member>(schema: z.ZodType<Member>, list: unknown): readonly Member[] {
  return [list].flat().flatMap((member) => schema.safeParse(member).data ?? []);
}

function apiOf({ hostname, origin }: URL): string {
  return hostname === 'github.com' ? 'https://api.github.com' : `${origin}/api/v3`;
}
