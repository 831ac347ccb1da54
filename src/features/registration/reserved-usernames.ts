import { z } from 'zod';
import { givenAs, refuse } from '../../platform/settings/index.ts';
import { type Username, usernameKey } from '../../platform/text/index.ts';

/** Names that suggest a role at this site. @see RFC 2142 for those that also receive mail */
const ROLES = [
  'abuse admin administration administrator billing bot compliance contact daemon feedback ftp help helpdesk',
  'hostmaster info legal mail mailer-daemon marketing moderator news no-reply noc official operator owner',
  'payments postmaster press privacy root sales security service staff superuser support sysadmin sysop system',
  'team trust usenet uucp webmaster www',
]
  .join(' ')
  .split(' ');

/** Names that no user has. */
const NO_USER = 'all anonymous anybody deleted everybody everyone guest nobody none null undefined unknown';

/** First parts of paths, here and at most other sites, which might become those of user pages. */
const ADDRESSES = [
  '.well-known about api assets auth blog css csp-reports dev device docs download edit email favicon',
  'favicon.ico forgot-password home images index invite login logout metrics new oauth oidc password profile public register',
  'reset-password robots robots.txt saml search session sessions settings signin sign-in signout sign-out signup',
  'sign-up sitemap static status terms user users verify-email webhook webhooks',
]
  .join(' ')
  .split(' ');

/** Usernames that visitors cannot take, in any spelling with other letters, marks and spaces. */
export type ReservedUsernames = (username: Username) => boolean;

const ALWAYS_RESERVED = keysOf([...ROLES, ...NO_USER.split(' '), ...ADDRESSES]);

/**
 * @param more names besides those that are always reserved, such as the name of the site
 * @param routePaths the paths of all routes, whose first parts are reserved, too; called when a name is first checked
 */
export function createReservedUsernames(
  more: readonly string[],
  routePaths: () => readonly string[],
): ReservedUsernames {
  let reserved: ReadonlySet<string> | null = null;
  return ({ key }) => {
    reserved ??= new Set([
      ...ALWAYS_RESERVED,
      ...keysOf([...more, ...routePaths().map((path) => path.split('/')[1] ?? '')]),
    ]);
    return reserved.has(promised(key));
  };
}

function keysOf(names: readonly string[]): readonly string[] {
  return names.map(usernameKey).flatMap((key) => (key === null ? [] : [promised(key)]));
}

// `ad-min`, `Ad Min` and `adrnin` promise as much as `admin`. Pairs that look like one letter count for these names alone,
// because many others contain them.
function promised(key: string): string {
  return key
    .replace(/[ .'_+-]/g, '')
    .replaceAll('rn', 'm')
    .replaceAll('cl', 'd')
    .replaceAll('vv', 'w');
}

/** Usernames separated by commas, as a setting. */
export const usernameList: z.ZodType<readonly string[], string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const strange = names.find((name) => usernameKey(name) === null);
    if (strange === undefined && names.length > 0) return names;
    return refuse(context, 'is no list of usernames; give valid usernames, separated by commas');
  }),
);
