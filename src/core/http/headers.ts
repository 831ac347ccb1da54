/** Headers of one kind of answer, computed once at construction and shared by all of them. */
export type FixedHeaders = Readonly<Record<string, string>>;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PERMISSIONS_POLICY =
  'camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()';

const TWO_YEARS_SECONDS = 63_072_000;

/**
 * The headers that stand on every answer, errors and static files included.
 * @see OWASP HTTP Headers and HSTS cheat sheets
 */
export function securityHeaders(isSecure: boolean): FixedHeaders {
  return {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    // Not no-referrer: with it browsers send `Origin: null` on our own forms, and Origin is the CSRF fallback.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': PERMISSIONS_POLICY,
    'x-frame-options': 'DENY',
    'x-xss-protection': '0',
    ...(isSecure && { 'strict-transport-security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains` }),
  };
}

/** What keeps an answer out of every cache. */
export const NO_STORE: FixedHeaders = { 'cache-control': 'no-store' };

/** What takes from a browser all that it kept of somebody who is signed out. */
export const CLEAR_SITE_DATA: FixedHeaders = { 'clear-site-data': '"cache", "storage"' };

/** What lets a file whose name carries its content's hash be kept for a year. */
export const IMMUTABLE: FixedHeaders = { 'cache-control': 'public, max-age=31536000, immutable' };
