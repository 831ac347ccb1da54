/** Headers of one kind of answer, computed once at construction and shared by all of them. */
export type FixedHeaders = Readonly<Record<string, string>>;

// Browsers hold what a form redirects to against `form-action`, too.
const pagePolicy = (trustedOrigins: readonly string[]) => [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  ["form-action 'self'", ...trustedOrigins].join(' '),
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

const PERMISSIONS_POLICY =
  'camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()';

const TWO_YEARS_SECONDS = 63_072_000;

// The name of the endpoint in `Reporting-Endpoints`, which the policy refers to.
const ENDPOINT = 'csp';

/**
 * The headers of every answer, errors and static files included.
 * @param trustedOrigins the origins to which a form may lead besides this one
 * @param reportsPath where browsers report what the policy kept from happening; nowhere when it is null
 * @see OWASP HTTP Headers and HSTS cheat sheets
 */
export function securityHeaders(
  isSecure: boolean,
  reportsPath: string | null = null,
  trustedOrigins: readonly string[] = [],
): FixedHeaders {
  const policy = [...pagePolicy(trustedOrigins), ...reportDirectives(isSecure, reportsPath)];
  return {
    'content-security-policy': policy.join('; '),
    ...(isSecure && reportsPath !== null && { 'reporting-endpoints': `${ENDPOINT}="${reportsPath}"` }),
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

// Some browsers know `report-uri` alone. Those that know `report-to` ignore the other one if both are given (CSP3
// §5.3), and then report nothing on http, where there is no Reporting API.
function reportDirectives(isSecure: boolean, reportsPath: string | null): readonly string[] {
  if (reportsPath === null) return [];
  return [`report-uri ${reportsPath}`, ...(isSecure ? [`report-to ${ENDPOINT}`] : [])];
}

/** What keeps an answer out of every cache. */
export const NO_STORE: FixedHeaders = { 'cache-control': 'no-store' };

/** What a browser can be asked to delete of an origin. */
export type SiteData = 'cache' | 'storage';

/** Has a browser delete what it keeps of this origin; nothing of it is Latchkey’s own. */
export function clearSiteData(kinds: readonly SiteData[]): FixedHeaders {
  return kinds.length === 0 ? {} : { 'clear-site-data': kinds.map((kind) => `"${kind}"`).join(', ') };
}

/** What lets a file whose name carries its content's hash be kept for a year. */
export const IMMUTABLE: FixedHeaders = { 'cache-control': 'public, max-age=31536000, immutable' };

/**
 * What takes the place of the pages' policy on answers that are no pages: should a browser be brought to show one as
 * a page, nothing in it runs, loads or belongs to this origin (ASVS 5.0, 3.2.1).
 */
export const NO_PAGE: FixedHeaders = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
};

/**
 * The same for a script that runs as a worker: browsers start none that is in a sandbox (CSP3 §6.3.2.1). It still loads
 * nothing and reaches no other host.
 */
export const WORKER: FixedHeaders = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
