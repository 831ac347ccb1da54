import { z } from 'zod';
import type { AccountId, SessionId } from '../identifiers/ids.ts';

export type User = {
  readonly id: AccountId;
  readonly username: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When the account was made, in milliseconds of UTC. */
  readonly createdAt: number;
};

const proofKind = z.enum(['password', 'provider', 'mail', 'second-factor', 'passkey']);
/**
 * By what a user authenticates: a password or passkey, an identity provider, a mail to the confirmed address, or, where an
 * account with a second factor has no password, that factor.
 */
export type ProofKind = z.infer<typeof proofKind>;

/** An active authentication. Sensitive actions ask for one that is fresh, and only what the method really proves counts (A70). */
export type Proof = {
  readonly by: ProofKind;
  /** Milliseconds of UTC. */
  readonly at: number;
};

/** A proof as a row keeps it; null without one, or where another version has written what is not known here. */
export function proofFrom(by: string | null, at: number | null): Proof | null {
  const known = proofKind.safeParse(by);
  return known.success && at !== null ? { by: known.data, at } : null;
}

/** A second factor that its user has proven in a session, by its kind, such as `totp`. */
export type ProvenFactor = { readonly kind: string; readonly at: number };

/** The kind in rows and facts where a remembered browser was not asked for one: no assurance, and never fresh (A39). */
export const REMEMBERED = 'remembered-device';

/** All times are milliseconds of UTC. */
export type Session<Role extends string = string> = {
  readonly id: SessionId;
  /** The sign-in method, such as `password`. */
  readonly method: string;
  /** Whether the user chose to stay signed in: longer limits, and a cookie that outlives the browser. */
  readonly isRemembered: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** How and when the user last authenticated actively; null where nothing shows that, as after silent single sign-on. */
  readonly proof: Proof | null;
  /** The second factor that was proven last; null where the account had none when the session began. */
  readonly secondFactor: ProvenFactor | null;
  /** Whether the account has one that this browser was not asked for; what is sensitive asks for it. */
  readonly isFactorRemembered: boolean;
  /** When the session ends however busy it is. */
  readonly expiresAt: number;
  /**
   * The roles that the identity provider has asserted, by the names in the settings, which belong to this session alone; and
   * where the application defines roles, those of the account.
   */
  readonly roles: readonly Role[];
};

export type SignedIn<Role extends string = string> = { readonly user: User; readonly session: Session<Role> };

/** Without a request for `idle` a session ends, and `lifetime` after it began in any case; in milliseconds. */
export type Span = { readonly idle: number; readonly lifetime: number };

export type SessionLimits = Span & {
  /** For users who chose to stay signed in. */
  readonly remembered: Span;
  /** How long a token is used before it is rotated, in milliseconds. */
  readonly rotate: number;
  /** How many sessions an account may have at once. */
  readonly perAccount: number;
};

/** The browser that a session belongs to, as it presents itself; nothing of this is proof. */
export type Device = { readonly userAgent: string; readonly address: string };
