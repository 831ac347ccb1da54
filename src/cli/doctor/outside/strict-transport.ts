import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf, quoted } from '../finding.ts';
import { valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, warning, fault } = findingsOf('strict transport');

const ONE_YEAR_SECONDS = 31_536_000;

/** Whether browsers are told to stay on https (ASVS 5.0, 3.4.1: for a year at least, subdomains included). */
export const strictTransport: Check<Site> = {
  name: 'strict transport',
  run: async (site) =>
    site.isSecure
      ? [judge(valuesOf(await site.ask({ path: paths.login }), 'strict-transport-security'))]
      : [],
};

function judge([value, ...more]: readonly string[]): Finding {
  const pass = 'let the proxy pass on the header that Latchkey sends, and add none';
  if (value === undefined) return fault('no Strict-Transport-Security header', pass);
  // RFC 6797 §8.1: browsers go by the first one alone.
  if (more.length > 0) return fault('Strict-Transport-Security is there twice', pass);
  const seconds = Number(/(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(value)?.[1] ?? 0);
  if (seconds < ONE_YEAR_SECONDS) return fault(`lasts less than a year: ${quoted(value)}`, pass);
  if (!/;\s*includeSubDomains\s*(?:;|$)/i.test(value)) return warning('leaves subdomains out', pass);
  return ok(`for ${Math.floor(seconds / (ONE_YEAR_SECONDS / 365))} days, subdomains included`);
}
