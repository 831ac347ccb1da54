import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { createSessionSeal } from '../second-factors/index.ts';
import { createSecret, keyUri, secretText } from './totp.ts';

/** Longer than authentication stays fresh by default. */
const OFFERED_FOR = 30 * MINUTE;

/** A secret that is not set up yet, as its user and the browser have it. */
export type NewSecret = {
  readonly secret: Buffer;
  /** For the user to type. */
  readonly text: string;
  /** For a QR code, and for a link on a phone. */
  readonly uri: string;
  /** The secret for the server, sealed: a page that is left writes nothing. */
  readonly setup: string;
};

/** Secrets that wait for their first code are in the form alone, sealed for the session that it was drawn for. */
export function createNewSecrets(core: Core) {
  const sealed = createSessionSeal(core, 'new-totp-secrets', z.string(), OFFERED_FOR);
  const offer = (context: SignedInContext, secret: Buffer): NewSecret => {
    const { username } = context.signedIn.user;
    return {
      secret,
      text: secretText(secret),
      uri: keyUri(secret, { site: core.site.name, username }),
      setup: sealed.seal(context, secret.toString('base64url')),
    };
  };
  return {
    create: (context: SignedInContext): NewSecret => offer(context, createSecret()),
    /** The secret of a form; null for another session's, and for one that is too old. */
    open: (context: SignedInContext, setup: string): Buffer | null => {
      const secret = sealed.open(context, setup);
      return secret === null ? null : Buffer.from(secret, 'base64url');
    },
    /** The same secret once more, for a form that is drawn again. */
    again: offer,
  };
}
