import { hash } from 'node:crypto';

/** What proves that an answer belongs to the browser that asked: PKCE's verifier, and the nonce of the token. */
export type ProofKeys = { readonly codeVerifier: string; readonly nonce: string };

/**
 * Both come out of the token in the browser's cookie, so they are kept nowhere: whoever reads the database can redeem no
 * code, and a code that was begun in one browser is worth nothing in another (A23).
 * @see RFC 7636 §4.1
 */
export function proofKeysFrom(browserToken: string): ProofKeys {
  return {
    codeVerifier: hash('sha256', `code verifier ${browserToken}`, 'base64url'),
    nonce: hash('sha256', `nonce ${browserToken}`, 'base64url'),
  };
}
