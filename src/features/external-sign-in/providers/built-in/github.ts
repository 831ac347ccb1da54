import { z } from 'zod';
import { givenAs, optionalSetting, setting } from '../../../../platform/settings/index.ts';
import { type Claims, text, validOf } from '../claims.ts';
import { defineProvider, providerUrl } from '../define-provider.ts';
import { nameList, type RoleMap, rolesIn, rolesOf, rolesSetting } from '../group-names.ts';
import type { Ask } from '../provider.ts';

const userSchema = z.object({ id: z.int().positive(), login: text, name: text });
const organisation = z.object({ login: z.string() });
const address = z.object({ email: z.string(), primary: z.literal(true), verified: z.boolean() });

/** How an organisation is written in addresses. */
const ORGANISATION = /^[A-Za-z0-9_-]{1,100}$/;
const HOW_WRITTEN = 'give names as they stand in addresses, such as acme';

/**
 * GitHub implements OAuth 2 without OpenID Connect. The number of an account identifies a user: a login can be changed and
 * then taken by another user.
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export const github = defineProvider({
  name: 'github',
  label: 'GitHub',
  settings: {
    url: setting({
      name: 'GITHUB_URL',
      meaning: 'URL of GitHub or of your GitHub Enterprise Server.',
      fallback: 'https://github.com',
      schema: providerUrl,
    }),
    allowedOrganisations: optionalSetting({
      name: 'GITHUB_ALLOWED_ORGANISATIONS',
      meaning: 'GitHub organisations whose members may sign in, by name, separated by commas.',
      fallbackMeaning: 'all users of the provider',
      neverEmpty: 'GITHUB_CLIENT_ID',
      hasQuotes: true,
      schema: givenAs(
        { list: 'json' },
        nameList.refine((names) => names.every((name) => ORGANISATION.test(name)), {
          message: `holds a name that no organisation can have; ${HOW_WRITTEN}`,
        }),
      ),
    }),
    roles: rolesSetting(
      'GITHUB',
      'Roles of the members of GitHub organisations: pairs such as `acme=staff`, separated by commas.',
      { of: ORGANISATION, message: `gives a role to a name that no organisation can have; ${HOW_WRITTEN}` },
    ),
  },
  describe: ({ url, allowedOrganisations, roles }) => {
    const needsOrganisations = allowedOrganisations !== undefined || roles !== undefined;
    const names = allowedOrganisations?.map(small);
    const at = (path: string) => new URL(path, url);
    return {
      scopes: ['read:user', 'user:email', ...(needsOrganisations ? ['read:org'] : [])],
      protocol: {
        kind: 'oauth',
        issuer: at('/login/oauth'),
        authorizationEndpoint: at('/login/oauth/authorize'),
        tokenEndpoint: at('/login/oauth/access_token'),
        readClaims: (ask) => readClaims(ask, apiOf(url), needsOrganisations),
      },
      // GitHub sends a mail to each address before it marks it as verified.
      isAddressTrusted: () => true,
      ...(names !== undefined && {
        isAdmitted: ({ groups }: Claims) => groups.some((group) => names.includes(small(group))),
        admittedBy: 'groups',
      }),
      ...(roles !== undefined && {
        rolesOf: ({ groups }: Claims) => rolesOf(inSmall(roles), groups.map(small)),
        possibleRoles: rolesIn(roles),
      }),
    };
  },
});

// GitHub ignores case in the names of organisations.
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
  const [email] = validOf(address, emails);
  return {
    sub: String(user.id),
    name: user.name,
    preferred_username: user.login,
    email: email?.email,
    email_verified: email?.verified,
    ...(asksForOrganisations && (await organisationsOf(ask, api))),
  };
}

const PER_PAGE = 100;
/** The pages of organisations that are read. */
const MAX_PAGES = 5;

/** The organisations of the user; what is missing of them is named. */
async function organisationsOf(ask: Ask, api: string) {
  const groups: string[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const more = page === 1 ? '' : `&page=${page}`;
    const found = await ask(new URL(`${api}/user/orgs?per_page=${PER_PAGE}${more}`)).catch(() => null);
    if (!Array.isArray(found)) break;
    groups.push(...validOf(organisation, found).map(({ login }) => login));
    if (found.length < PER_PAGE) return { groups };
  }
  return { groups, _claim_names: { groups: 'GitHub' } };
}

function apiOf({ hostname, origin }: URL): string {
  return hostname === 'github.com' ? 'https://api.github.com' : `${origin}/api/v3`;
}
