import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import { type RequestContext, userBinding } from '../../auth/request-context.ts';
import { hashToken, openValue } from '../../platform/crypto/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import type { Username } from '../../platform/text/index.ts';
import { submittedBinding } from '../../platform/web/index.ts';

/** The longest time that browsers should wait for an authenticator. @see WebAuthn Level 3 §15.1 */
const CHALLENGE_LIFETIME = 10 * MINUTE;

/**
 * The ceremonies in which a passkey is created: by its user in the account, in a sign-in that needs a second factor, by the
 * browser after a password, or with a new account.
 */
export const CREATIONS = ['create', 'setup', 'upgrade', 'register'] as const;
export type Creation = (typeof CREATIONS)[number];

/** Those in which one is used: for the first, the second or the repeated authentication. */
export const USES = ['sign-in', 'second-factor', 'confirm'] as const;
export type Use = (typeof USES)[number];

export type Ceremony = Creation | Use;

/** What a challenge is for: `subject` is the account that the ceremony is about, or null before it is known. */
type Purpose =
  | { readonly ceremony: Exclude<Ceremony, 'register'>; readonly subject: AccountId | null }
  /** The account that there will be. */
  | { readonly ceremony: 'register'; readonly username: Username };

const content = z.object({ nonce: z.string(), until: z.number(), accountId: accountIds.schema.nullable() });

/**
 * Challenges of WebAuthn. Each is sealed for one ceremony, one account and one browser, so that asking for one writes nothing,
 * and is spent once by a unique index when a response to it is accepted (A41).
 */
export function createChallenges({ cookies, sealFor, clock }: Core) {
  const seal = sealFor('passkey-challenges');
  const boundTo = (context: RequestContext, purpose: Purpose) => {
    const subject = purpose.ceremony === 'register' ? purpose.username.key : purpose.subject;
    // As forms are: to the session, or to the cookie of a visitor. API clients may have neither.
    const browser = submittedBinding(context, cookies, userBinding(context));
    return JSON.stringify([purpose.ceremony, subject, browser]);
  };
  return {
    /**
     * A new challenge in base64url.
     * @param accountId the id of the account that a registration will create
     * @see NIST SP 800-63B-4 §3.1.6.2: at least 64 random bits
     */
    create: (context: RequestContext, purpose: Purpose, accountId: AccountId | null = null): string => {
      const nonce = randomBytes(16).toString('base64url');
      const text = JSON.stringify({ nonce, until: clock() + CHALLENGE_LIFETIME, accountId });
      return Buffer.from(seal.seal(text, boundTo(context, purpose))).toString('base64url');
    },
    /** Whether a challenge was made here for that, and when it expires; null for any other, or one that is too old. */
    open: (context: RequestContext, purpose: Purpose, challenge: string): OpenedChallenge | null => {
      const bytes = Buffer.from(challenge, 'base64url');
      const opened = openValue(seal, content, bytes, boundTo(context, purpose));
      if (opened === null || opened.until <= clock()) return null;
      return { hash: hashToken(challenge), expiresAt: opened.until, accountId: opened.accountId };
    },
  };
}

export type OpenedChallenge = {
  readonly hash: Uint8Array;
  readonly expiresAt: number;
  /** As it was given; null without one. */
  readonly accountId: AccountId | null;
};
