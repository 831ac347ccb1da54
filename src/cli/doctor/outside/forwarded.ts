import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { type Answer, valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('forwarded headers');

// RFC 2606 and RFC 5737: this name and this address belong to nobody.
const NAME = 'forwarded.latchkey-doctor.invalid';
const ADDRESS = '192.0.2.77';

/** What only a proxy may say, said by a stranger. */
const CLAIMS: readonly (readonly [header: string, value: string])[] = [
  ['X-Forwarded-Host', NAME],
  ['X-Forwarded-Server', NAME],
  ['X-Original-Host', NAME],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Port', '8099'],
  ['X-Forwarded-Prefix', `/${NAME}`],
  ['X-Original-URL', `/${NAME}`],
  ['X-Rewrite-URL', `/${NAME}`],
  ['X-Forwarded-For', ADDRESS],
  ['X-Real-IP', ADDRESS],
  ['Forwarded', `for=${ADDRESS};host=${NAME};proto=http`],
];

// One shows a form and sets a cookie, the other redirects.
const PATHS = [paths.login, paths.home];

/** Whether a stranger’s headers change what is answered; only the proxy’s may (A08, A28). */
export const forwarded: Check<Site> = {
  name: 'forwarded headers',
  run: async (site) => {
    const believed: string[] = [];
    for (const path of PATHS) {
      const plain = await site.ask({ path });
      for (const [header, value] of CLAIMS) {
        const answer = await site.ask({ path, headers: { [header]: value } });
        if (follows(answer, plain)) believed.push(header);
      }
    }
    return [judge([...new Set(believed)])];
  },
};

function follows(answer: Answer, plain: Answer): boolean {
  const text = [...answer.headers.flat(), answer.body].join('\n');
  return text.includes(NAME) || text.includes(ADDRESS) || outline(answer) !== outline(plain);
}

/** What must be the same in two answers to the same question. */
function outline(answer: Answer): string {
  const cookies = valuesOf(answer, 'set-cookie').map((line) => line.replace(/=[^;]*/, ''));
  return JSON.stringify([
    answer.status,
    valuesOf(answer, 'location'),
    cookies,
    valuesOf(answer, 'strict-transport-security'),
  ]);
}

function judge(believed: readonly string[]): Finding {
  if (believed.length === 0) return ok('change nothing when a stranger sends them');
  return fault(
    `believed from a stranger: ${believed.join(', ')}`,
    'let the proxy replace these headers instead of passing them on, and trust no address but its own (this machine must not be one of the trusted)',
  );
}
