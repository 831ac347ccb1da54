import { z } from 'zod';

/** A subject is never truncated or trimmed: it could become another user's. OpenID Connect Core 1.0 §2: ASCII. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

/** A text. The one rule for unexpected members: a value of another type is as if it were missing. */
export const text = z.string().optional().catch(undefined);

/**
 * A list of names: a single name is a list of one, and values that are no strings are ignored. Nothing is converted or
 * split, because admission depends on exactly the names that the provider sent (A65).
 */
const names = z
  .unknown()
  .optional()
  .transform((value): string[] => [value].flat().filter((name) => typeof name === 'string'));

/** The valid members of a list, by the same rule. */
export function validOf<Member>(schema: z.ZodType<Member>, list: unknown): readonly Member[] {
  return [list].flat().flatMap((member) => schema.safeParse(member).data ?? []);
}

const membersSchema = z.object({
  sub: z.string().regex(SUBJECT),
  name: text,
  preferred_username: text,
  nickname: text,
  email: text,
  email_verified: z.boolean().catch(false),
  /** The Google Workspace domain of the account. */
  hd: text,
  /** The groups or organisations of the user. */
  groups: names,
  /** Roles, which some providers send beside groups. */
  roles: names,
  /** The session at the provider. @see OpenID Connect Front-Channel Logout 1.0 §3 */
  sid: text,
  /** When the provider authenticated the user, in seconds; only that of the ID token counts. */
  auth_time: z.number().int().nonnegative().optional().catch(undefined),
  /** Claims that the user has and this response has not. @see OpenID Connect Core 1.0 §5.6.2 */
  _claim_names: z.record(z.string(), z.unknown()).catch({}),
  /**
   * Microsoft's sign that the groups of the user are more than a token holds.
   * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
   */
  hasgroups: z.unknown().optional(),
});

/**
 * The claims of a provider about a user, under the names of OpenID Connect. Only the boolean `true` marks an address as
 * verified; "true" and 1 do not (A22).
 * @see OpenID Connect Core 1.0 §5.1
 */
export const claimsSchema = membersSchema.transform(({ _claim_names, hasgroups, ...claims }) => ({
  ...claims,
  /** The claims of which the response lacks values that the user has; what depends on them cannot be evaluated. */
  incomplete: [
    ...Object.keys(_claim_names),
    ...(hasgroups === true || hasgroups === 'true' ? ['groups'] : []),
  ],
}));

export type Claims = Omit<z.infer<typeof claimsSchema>, 'incomplete'> & {
  readonly incomplete?: readonly string[];
};

/**
 * Reads claims. @param groupsClaim the name of the claim that has the groups, or its path, such as `realm_access.roles`
 * @throws {ZodError} if there is no usable subject, which is all that is required
 */
export function readClaims(found: unknown, groupsClaim: string | undefined): Claims {
  if (groupsClaim === undefined) return claimsSchema.parse(found);
  const members = z.record(z.string(), z.unknown()).parse(found);
  const claims = claimsSchema.parse({ ...members, groups: memberAt(members, groupsClaim) });
  const isIncomplete = claims.incomplete.includes(groupsClaim);
  return isIncomplete ? { ...claims, incomplete: [...claims.incomplete, 'groups'] } : claims;
}

/** The member of this name, which may contain dots as in an address, or at this path; names win over paths. */
function memberAt(value: unknown, path: string): unknown {
  const members = z.record(z.string(), z.unknown()).safeParse(value).data;
  if (members === undefined) return undefined;
  if (Object.hasOwn(members, path)) return members[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    const found = Object.hasOwn(members, head) ? memberAt(members[head], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In characters. */
const MAX_HANDLE_LENGTH = 254;

/** A name by which users recognise their account at the provider; it proves nothing. */
export function handleOf({ email, preferred_username: username, name }: Claims): string | null {
  const handle = (email ?? username ?? name)
    ?.replace(/\p{C}/gu, '')
    .slice(0, MAX_HANDLE_LENGTH)
    .toWellFormed();
  return handle === undefined || handle === '' ? null : handle;
}
