import { z } from 'zod';

/** A subject is never truncated: it could become another user's. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

const text = z.string().optional().catch(undefined);

/**
 * A list of names: a single name is a list of one, and values that are no strings are ignored. Nothing is converted or
 * split, because admission depends on exactly the names that the provider sent (A65).
 */
const names = z
  .unknown()
  .optional()
  .transform((value): string[] => [value].flat().filter((name) => typeof name === 'string'));

/**
 * The claims of a provider about a user, under the names of OpenID Connect. Only the boolean `true` marks an address as
 * verified; "true" and 1 do not (A22).
 * @see OpenID Connect Core 1.0 §5.1
 */
export const claimsSchema = z.object({
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
});

export type Claims = z.infer<typeof claimsSchema>;

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
