import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Secrets } from '../crypto/index.ts';
import { isSigned, sign } from './signatures.ts';

/** What a form's token is bound to, such as the cookie of a visitor. */
export type CsrfBinding = readonly [kind: string, id: string];

/**
 * The token of forms. `composition/pipeline.ts` checks it for every form, after the origin of the request (`originFault`).
 * The guard of `index.ts` checks the origin alone: an application has forms of its own.
 */
export type Csrf = {
  /** A token for a form, different each time so that compression cannot leak it (BREACH). */
  readonly token: (binding: CsrfBinding, flow?: string) => string;
  readonly isValid: (binding: CsrfBinding, token: string) => boolean;
  /** Whether a token was made here, for any binding. */
  readonly isOurs: (token: string) => boolean;
  /** The handle of the flow that a form was drawn for. */
  readonly flowOf: (token: string) => string;
};

const NONCE_CHARACTERS = 22;
const SIGNATURE_CHARACTERS = 43;

export function createCsrf(secrets: Secrets): Csrf {
  const keys = secrets.keys('csrf');
  const isOurs = (token: string) => {
    const { nonce, made, flow } = partsOf(token);
    return isSigned(keys, ['form', nonce, flow], made);
  };
  return {
    token: (binding, flow = '') => {
      const nonce = randomBytes(16).toString('base64url');
      const bound = sign(keys, boundParts(binding, nonce, flow));
      return nonce + sign(keys, ['form', nonce, flow]) + bound + flow;
    },
    isValid: (binding, token) => {
      const { nonce, bound, flow } = partsOf(token);
      return isOurs(token) && isSigned(keys, boundParts(binding, nonce, flow), bound);
    },
    isOurs,
    flowOf: (token) => partsOf(token).flow,
  };
}

function partsOf(token: string) {
  const [afterNonce, afterMade] = [NONCE_CHARACTERS, NONCE_CHARACTERS + SIGNATURE_CHARACTERS];
  const afterBound = afterMade + SIGNATURE_CHARACTERS;
  return {
    nonce: token.slice(0, afterNonce),
    made: token.slice(afterNonce, afterMade),
    bound: token.slice(afterMade, afterBound),
    flow: token.slice(afterBound),
  };
}

function boundParts([kind, id]: CsrfBinding, nonce: string, flow: string): readonly string[] {
  return [kind, id, nonce, flow];
}

/** Why a form was refused; the log and the page say which. `forged-form`: it has no token that was made here. */
export const formRefusal = z.enum(['cross-site', 'no-origin', 'forged-form', 'body-consumed']);
export type FormRefusal = z.infer<typeof formRefusal>;

/**
 * Why an unsafe request does not come from a page of ours, as the browser says: by `Sec-Fetch-Site`, and where a browser
 * is too old for it, by `Origin`. A request with neither is refused (A29); `Origin: null` names none.
 * @param trustedOrigins whose pages count as ours; a browser names the origin of every unsafe request (Fetch §3.2)
 * @see OWASP CSRF Prevention cheat sheet, “Fetch Metadata”
 */
export function originFault(
  request: Request,
  origin: string,
  trustedOrigins: readonly string[] = [],
): 'cross-site' | 'no-origin' | null {
  const named = request.headers.get('origin');
  if (named !== null && trustedOrigins.includes(named)) return null;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none' ? null : 'cross-site';
  if (named === null || named === 'null') return 'no-origin';
  return named === origin ? null : 'cross-site';
}
