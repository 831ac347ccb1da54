import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import { openValue } from '../../platform/crypto/index.ts';

/** What a sealed value is for: a session, or a pending sign-in. */
export type Sealing = Pick<SignedInContext, 'signedIn'> | Pick<PendingSignIn, 'accountId' | 'flow'>;

/** Seals values for the session or sign-in in which they are made, so that the browser keeps them, and the server does not. */
export type SessionSeal<Value> = {
  /** The text for a form or a cookie. */
  readonly seal: (sealing: Sealing, value: Value) => string;
  /** The value of a text; null for another session's, and for one that is too old. */
  readonly open: (sealing: Sealing, text: string) => Value | null;
};

/** @param lifetime how long a text can be opened, in milliseconds */
export function createSessionSeal<Value>(
  { sealFor, clock }: Core,
  purpose: string,
  schema: z.ZodType<Value>,
  lifetime: number,
): SessionSeal<Value> {
  const seal = sealFor(purpose);
  const timed = z.object({ value: schema, until: z.number() });
  return {
    seal: (sealing, value) => {
      const text = JSON.stringify({ value, until: clock() + lifetime });
      return Buffer.from(seal.seal(text, boundTo(sealing))).toString('base64url');
    },
    open: (sealing, text) => {
      const opened = openValue(seal, timed, Buffer.from(text, 'base64url'), boundTo(sealing));
      return opened === null || opened.until <= clock() ? null : opened.value;
    },
  };
}

function boundTo(sealing: Sealing): string {
  if ('accountId' in sealing) return `${sealing.accountId} sign-in ${sealing.flow}`;
  const { user, session } = sealing.signedIn;
  return `${user.id} ${session.id}`;
}
