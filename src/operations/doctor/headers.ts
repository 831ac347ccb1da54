import { paths } from '../../auth/paths.ts';
import { NO_STORE, securityHeaders } from '../../platform/web/index.ts';
import { type Finding, quoted, type Report } from './findings.ts';
import { type Answer, type Site, valuesOf } from './site.ts';

const ONE_YEAR_SECONDS = 31_536_000;

/** Whether browsers are instructed to use HTTPS only (ASVS 5.0, 3.4.1: for at least a year, subdomains included). */
export async function checkStrictTransport(site: Site, report: Report): Promise<readonly Finding[]> {
  if (!site.isSecure) return [];
  const values = valuesOf(await site.get({ path: site.page(paths.login) }), 'strict-transport-security');
  return [classifyStrictTransport(values, report)];
}

function classifyStrictTransport(
  [value, ...more]: readonly string[],
  { ok, warning, fault }: Report,
): Finding {
  const pass = 'let the proxy pass on the header that Latchkey sends, and add none';
  if (value === undefined) return fault('no Strict-Transport-Security header', pass);
  // RFC 6797 §8.1: browsers use only the first one.
  if (more.length > 0) return fault('Strict-Transport-Security is there twice', pass);
  const seconds = Number(/(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(value)?.[1] ?? 0);
  if (seconds < ONE_YEAR_SECONDS) return fault(`lasts less than a year: ${quoted(value)}`, pass);
  if (!/;\s*includeSubDomains\s*(?:;|$)/i.test(value)) return warning('leaves subdomains out', pass);
  return ok(`for ${Math.floor(seconds / (ONE_YEAR_SECONDS / 365))} days, subdomains included`);
}

// Each of these has a check of its own.
const CHECKED_ELSEWHERE = ['content-security-policy', 'strict-transport-security'];

const PAGES = [paths.login, '/no-page-is-here'];

/** Whether the headers of a page and of an error arrive as they are sent: proxies add, change and drop some. */
export async function checkHeaders(site: Site, { ok, fault }: Report): Promise<readonly Finding[]> {
  const expected = Object.entries({ ...securityHeaders(site.isSecure), ...NO_STORE }).filter(
    ([name]) => !CHECKED_ELSEWHERE.includes(name),
  );
  const findings: Finding[] = [];
  for (const path of PAGES) {
    const answer = await site.get({ path: site.page(path) });
    const faults = expected.flatMap(([name, value]) => {
      const difference = describeDifference(valuesOf(answer, name), value);
      const fix = `let the proxy pass it on as it is: ${name}: ${value}`;
      return difference === null ? [] : [fault(`${path}: ${name} ${difference}`, fix)];
    });
    findings.push(...(faults.length > 0 ? faults : [ok(`${path}: all ${expected.length} are there`)]));
  }
  return findings;
}

function describeDifference([found, ...more]: readonly string[], expected: string): string | null {
  if (found === undefined) return 'is missing';
  if (more.length > 0) return 'is there more than once';
  return found === expected ? null : `is ${quoted(found)}`;
}

/** The most that each directive may allow. */
const STRICT_POLICY: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'none'"],
  'style-src': ["'self'", "'none'"],
  'form-action': ["'self'", "'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Whether the login page loads files from this site only, submits to it only, and cannot be framed (A43, A44). */
export async function checkContentPolicy(site: Site, { ok, fault }: Report): Promise<Finding> {
  const pass = 'let the proxy pass on the Content-Security-Policy that Latchkey sends';
  const policies = valuesOf(await site.get({ path: site.page(paths.login) }), 'content-security-policy');
  // A browser applies all policies together, so one strict policy is enough.
  const looseOf = (policy: string) => looseDirectives(policy, site.settings.trustedOrigins);
  const [fewest] = policies.map(looseOf).sort((one, other) => one.length - other.length);
  if (fewest === undefined) return fault('no Content-Security-Policy', pass);
  if (fewest.length === 0) return ok('nothing but this site’s own files, and no frame');
  return fault(`${fewest.join(', ')} is missing or allows too much`, pass);
}

/** The directives that a policy lacks, or that allow more than they should. */
function looseDirectives(policy: string, trustedOrigins: readonly string[]): readonly string[] {
  const directives = new Map<string, readonly string[]>();
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().toLowerCase().split(/\s+/);
    // CSP3 §2.2.1: the first directive of a name counts.
    if (!directives.has(name)) directives.set(name, sources);
  }
  const isAllowed = (name: string, source: string, allowed: readonly string[]) =>
    allowed.includes(source) || (name === 'form-action' && trustedOrigins.includes(source));
  return Object.entries(STRICT_POLICY).flatMap(([name, allowed]) => {
    const sources = directives.get(name) ?? [];
    const isStrict = sources.length > 0 && sources.every((source) => isAllowed(name, source, allowed));
    return isStrict ? [] : [name];
  });
}

/** Whether the cookie of a new visitor arrives with all its attributes (A45). */
export async function checkCookies(site: Site, report: Report): Promise<readonly Finding[]> {
  const values = valuesOf(await site.get({ path: site.page(paths.login) }), 'set-cookie');
  const name = new RegExp(`^(?:__host-|__secure-)?${site.settings.cookiePrefix}`, 'i');
  const own = values.filter((value) => name.test(value));
  if (own.length > 0) return own.map((value) => classifyCookie(value, site, report));
  return [report.fault('GET /login sets none', 'let the proxy pass on Set-Cookie, and cache nothing')];
}

function classifyCookie(value: string, { isSecure }: Site, { ok, fault }: Report): Finding {
  const [pair = '', ...attributes] = value.split(';').map((part) => part.trim());
  const [name = ''] = pair.split('=');
  const has = (pattern: RegExp) => attributes.some((attribute) => pattern.test(attribute));
  const wrong = [
    ...(isSecure && !name.startsWith('__Host-') ? ['its name does not begin with __Host-'] : []),
    ...(isSecure && !has(/^secure$/i) ? ['it is not Secure'] : []),
    ...(has(/^httponly$/i) ? [] : ['it is not HttpOnly']),
    ...(has(/^samesite=(?:lax|strict)$/i) ? [] : ['it has no SameSite']),
    ...(has(/^path=\/$/i) ? [] : ['its Path is not /']),
    ...(has(/^domain=/i) ? ['it has a Domain'] : []),
  ];
  if (wrong.length === 0) return ok(`${quoted(name)} has all its flags`);
  return fault(
    `${quoted(name)}: ${wrong.join(', ')}`,
    'set BASE_URL to the public https: address, and let the proxy change no cookie',
  );
}

/** Whether responses reveal which version of which software runs here. */
export async function checkSoftwareNames(site: Site, { ok, warning }: Report): Promise<Finding> {
  const answer: Answer = await site.get({ path: site.page(paths.login) });
  const revealed = ['server', 'x-powered-by', 'x-generator'].flatMap((name) =>
    valuesOf(answer, name)
      .filter((value) => name === 'x-powered-by' || /\d/.test(value))
      .map((value) => `${name}: ${quoted(value)}`),
  );
  if (revealed.length === 0) return ok('no version is revealed');
  return warning(revealed.join(', '), 'let the proxy leave it out (nginx: server_tokens off)');
}
