import { z } from 'zod';

/** A subject is kept whole or not at all: cut off, it might be another person's. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

const text = z.string().optional().catch(undefined);

/**
 * A list of names as providers send it: a single name is a list of one, and what is no text is left out. Nothing is
 * converted or taken apart, so that no name appears which the provider did not send: admission rests on it (A65).
 */
const names = z
  .unknown()
  .optional()
  .transform((value): string[] => [value].flat().filter((name) => typeof name === 'string'));

/**
 * What a provider says of a person, under the names of OpenID Connect. Only a boolean `true` says that an address is
 * verified: "true" and 1 do not (A22).
 * @see OpenID Connect Core 1.0 §5.1
 */
export const claimsSchema = z.object({
  sub: z.string().regex(SUBJECT),
  name: text,
  preferred_username: text,
  nickname: text,
  email: text,
  email_verified: z.boolean().catch(false),
  /** The organisation that Google knows the person's account to belong to. */
  hd: text,
  /** The groups or organisations that the person belongs to. */
  groups: names,
  /** What it says that the person may be, as some providers do beside groups. */
  roles: names,
  /** The session that the person has there. @see OpenID Connect Front-Channel Logout 1.0 §3 */
  sid: text,
  /** When the user authenticated there, in seconds; only that of the signed token counts. */
  auth_time: z.number().int().nonnegative().optional().catch(undefined),
});

export type Claims = z.infer<typeof claimsSchema>;

/** The most that is kept of what somebody is known by there. */
const LONGEST_HANDLE = 254;

/** What a person knows their account at the provider by; it proves nothing. */
export function handleOf({ email, preferred_username: username, name }: Claims): string | null {
  const handle = (email ?? username ?? name)?.replace(/\p{C}/gu, '').slice(0, LONGEST_HANDLE).toWellFormed();
  return handle === undefined || handle === '' ? null : handle;
}
