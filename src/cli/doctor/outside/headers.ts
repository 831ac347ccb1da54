import { paths } from '../../../auth/paths.ts';
import { NO_STORE, securityHeaders } from '../../../platform/web/headers.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf, quoted } from '../finding.ts';
import { type Answer, valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('headers');

// Each of these has a check of its own.
const ELSEWHERE = ['content-security-policy', 'strict-transport-security'];

const PAGES = [paths.login, '/no-page-is-here'];

/** Whether the headers arrive as they are sent, on a page and on an error: proxies add, change and drop some. */
export const headers: Check<Site> = {
  name: 'headers',
  run: async (site) => {
    const expected = Object.entries({ ...securityHeaders(site.isSecure), ...NO_STORE }).filter(
      ([name]) => !ELSEWHERE.includes(name),
    );
    const findings: Finding[] = [];
    for (const path of PAGES) findings.push(...judge(path, await site.ask({ path }), expected));
    return findings;
  },
};

function judge(
  path: string,
  answer: Answer,
  expected: readonly (readonly [string, string])[],
): readonly Finding[] {
  const faults = expected.flatMap(([name, value]) => {
    const [found, ...more] = valuesOf(answer, name);
    if (found === value && more.length === 0) return [];
    return [
      fault(
        `${path}: ${name} ${differing(found, more)}`,
        `let the proxy pass it on as it is: ${name}: ${value}`,
      ),
    ];
  });
  return faults.length > 0 ? faults : [ok(`${path}: all ${expected.length} are there`)];
}

function differing(found: string | undefined, more: readonly string[]): string {
  if (found === undefined) return 'is missing';
  return more.length > 0 ? 'is there more than once' : `is ${quoted(found)}`;
}
