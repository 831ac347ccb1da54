import { randomBytes } from 'node:crypto';
import type { Secrets } from '../secrets.ts';
import { isSigned, sign } from './signatures.ts';

/** What a form's token is bound to: the session of somebody signed in, or a visitor's cookie before that. */
export type CsrfBinding =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'visitor'; readonly visitor: string };

export type Csrf = {
  /** A token for a form, different each time so that compression cannot leak it (BREACH). */
  readonly token: (binding: CsrfBinding) => string;
  readonly isValid: (binding: CsrfBinding, token: string) => boolean;
};

const NONCE_CHARACTERS = 22;

export function createCsrf(secrets: Secrets): Csrf {
  const keys = secrets.keys('csrf');
  return {
    token: (binding) => {
      const nonce = randomBytes(16).toString('base64url');
      return nonce + sign(keys, [...boundTo(binding), nonce]);
    },
    isValid: (binding, token) => {
      const nonce = token.slice(0, NONCE_CHARACTERS);
      return isSigned(keys, [...boundTo(binding), nonce], token.slice(NONCE_CHARACTERS));
    },
  };
}

function boundTo(binding: CsrfBinding): readonly string[] {
  return binding.kind === 'session' ? ['session', binding.sessionId] : ['visitor', binding.visitor];
}

/**
 * Whether an unsafe request comes from a page of ours, as the browser tells it: `Sec-Fetch-Site`, and where a
 * browser is too old for it, `Origin`. A request with neither is refused (A29).
 * @see OWASP CSRF Prevention cheat sheet, “Fetch Metadata”
 */
export function isOwnOrigin(request: Request, origin: string): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  return request.headers.get('origin') === origin;
}
