import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { createSessionSeal, type Sealing } from '../second-factors/index.ts';
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

/** Whose secret it is, and for which session or sign-in. */
type Owner = { readonly sealing: Sealing; readonly username: string };

/** Secrets that wait for their first code are in the form alone, sealed for the session or sign-in that it was drawn for. */
export function createNewSecrets(core: Core) {
  const sealed = createSessionSeal(core, 'new-totp-secrets', z.string(), OFFERED_FOR);
  const offer = ({ sealing, username }: Owner, secret: Buffer): NewSecret => ({
    secret,
    text: secretText(secret),
    uri: keyUri(secret, { site: core.site.name, username }),
    setup: sealed.seal(sealing, secret.toString('base64url')),
  });
  /** The secret of a form; null for another session's, and for one that is too old. */
  const open = ({ sealing }: Pick<Owner, 'sealing'>, setup: string): Buffer | null => {
    const secret = sealed.open(sealing, setup);
    return secret === null ? null : Buffer.from(secret, 'base64url');
  };
  return {
    create: (owner: Owner): NewSecret => offer(owner, createSecret()),
    open,
    /** For a page: the secret of the form that is drawn again, or another one. */
    offerAgain: (owner: Owner, setup: string): NewSecret =>
      offer(owner, open(owner, setup) ?? createSecret()),
  };
}
