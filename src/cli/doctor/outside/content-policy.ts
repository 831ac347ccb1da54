import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('content policy');

/** What each directive may allow at most. */
const STRICT: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'none'"],
  'style-src': ["'self'", "'none'"],
  'form-action': ["'self'", "'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Whether the page to sign in runs nothing and goes nowhere but here, and cannot be framed (A43, A44). */
export const contentPolicy: Check<Site> = {
  name: 'content policy',
  run: async (site) => judge(valuesOf(await site.ask({ path: paths.login }), 'content-security-policy')),
};

function judge(policies: readonly string[]): readonly Finding[] {
  const pass = 'let the proxy pass on the Content-Security-Policy that Latchkey sends';
  // Several are obeyed all at once, so one strict one is enough.
  const [fewest] = policies.map(looseIn).sort((one, other) => one.length - other.length);
  if (fewest === undefined) return [fault('no Content-Security-Policy', pass)];
  if (fewest.length === 0) return [ok('nothing but this site’s own files, and no frame')];
  return [fault(`${fewest.join(', ')} is missing or allows too much`, pass)];
}

/** The directives that a policy lacks or that allow more than they should. */
function looseIn(policy: string): readonly string[] {
  const directives = new Map<string, readonly string[]>();
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().toLowerCase().split(/\s+/);
    // CSP3 §2.2.1: the first of a name counts.
    if (!directives.has(name)) directives.set(name, sources);
  }
  return Object.entries(STRICT).flatMap(([name, allowed]) => {
    const sources = directives.get(name) ?? [];
    const isStrict = sources.length > 0 && sources.every((source) => allowed.includes(source));
    return isStrict ? [] : [name];
  });
}
