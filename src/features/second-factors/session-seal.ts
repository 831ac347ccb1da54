import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { openValue } from '../../platform/crypto/index.ts';

/** Seals values for the session in which they are made, so that the browser keeps them, and the server does not. */
export type SessionSeal<Value> = {
  /** The text for a form or a cookie. */
  readonly seal: (context: SignedInContext, value: Value) => string;
  /** The value of a text; null for another session's, and for one that is too old. */
  readonly open: (context: SignedInContext, text: string) => Value | null;
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
  const boundTo = ({ signedIn: { user, session } }: SignedInContext) => `${user.id} ${session.id}`;
  return {
    seal: (context, value) => {
      const text = JSON.stringify({ value, until: clock() + lifetime });
      return Buffer.from(seal.seal(text, boundTo(context))).toString('base64url');
    },
    open: (context, text) => {
      const opened = openValue(seal, timed, Buffer.from(text, 'base64url'), boundTo(context));
      return opened === null || opened.until <= clock() ? null : opened.value;
    },
  };
}
