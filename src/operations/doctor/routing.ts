import { paths } from '../../auth/paths.ts';
import { healthPaths } from '../../features/health/index.ts';
import type { Finding, Report } from './findings.ts';
import { type Answer, type Site, valuesOf } from './site.ts';

// RFC 2606 and RFC 5737: these names and this address are reserved.
const FORWARDED_NAME = 'forwarded.latchkey-doctor.invalid';
const FORWARDED_ADDRESS = '192.0.2.77';
const FOREIGN_HOST = 'foreign-host.latchkey-doctor.invalid';

/** Headers that only a trusted proxy may set. */
const CLAIMS: Readonly<Record<string, string>> = {
  'X-Forwarded-Host': FORWARDED_NAME,
  'X-Forwarded-Server': FORWARDED_NAME,
  'X-Original-Host': FORWARDED_NAME,
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Port': '8099',
  'X-Forwarded-Prefix': `/${FORWARDED_NAME}`,
  'X-Original-URL': `/${FORWARDED_NAME}`,
  'X-Rewrite-URL': `/${FORWARDED_NAME}`,
  'X-Forwarded-For': FORWARDED_ADDRESS,
  'X-Real-IP': FORWARDED_ADDRESS,
  Forwarded: `for=${FORWARDED_ADDRESS};host=${FORWARDED_NAME};proto=http`,
};

// The first shows a form and sets a cookie, the second redirects.
const PATHS = [paths.login, paths.home];

/** Whether forwarding headers of an untrusted client change the response; only the proxy’s may (A08, A28). */
export async function checkForwarded(site: Site, { ok, fault }: Report): Promise<Finding> {
  const believed = new Set<string>();
  for (const path of PATHS) {
    const plain = await site.get({ path: site.page(path) });
    for (const [header, value] of Object.entries(CLAIMS)) {
      const answer = await site.get({ path: site.page(path), headers: { [header]: value } });
      if (isInfluenced(answer, plain)) believed.add(header);
    }
  }
  if (believed.size === 0) return ok('change nothing when a stranger sends them');
  return fault(
    `believed from a stranger: ${[...believed].join(', ')}`,
    'let the proxy replace these headers instead of passing them on, and trust no address but its own (this machine must not be one of the trusted)',
  );
}

function isInfluenced(answer: Answer, plain: Answer): boolean {
  const text = [...answer.headers.flat(), answer.body].join('\n');
  return (
    text.includes(FORWARDED_NAME) || text.includes(FORWARDED_ADDRESS) || outline(answer) !== outline(plain)
  );
}

/** What is the same in two responses to equal requests. */
function outline(answer: Answer): string {
  const cookies = valuesOf(answer, 'set-cookie').map((value) => value.replace(/=[^;]*/, ''));
  const [locations, transport] = ['location', 'strict-transport-security'].map((name) =>
    valuesOf(answer, name),
  );
  return JSON.stringify([answer.status, locations, cookies, transport]);
}

// Latchkey itself does not answer 404, for it has this page. A proxy that knows no such site may.
const REFUSALS = [400, 403, 404, 421];

/** Whether a request for another host is refused (RFC 9110 §15.5.20; A28). */
export async function checkForeignHost(site: Site, { ok, fault }: Report): Promise<Finding> {
  const answer = await site
    .get({ path: site.page(paths.login), headers: { host: FOREIGN_HOST } })
    .catch(() => null);
  if (answer === null) return ok('gets no answer');
  if (REFUSALS.includes(answer.status)) return ok(`is refused with ${answer.status}`);
  return fault(
    `is answered with ${answer.status}, as if it were this one`,
    'let the proxy pass on the Host header as it is, and answer other hosts with 421',
  );
}

/** Whether a load balancer can see that the process runs and that its database answers. */
export async function checkHealth(site: Site, { ok, warning, fault }: Report): Promise<readonly Finding[]> {
  const [alive, ready] = [
    await site.get({ path: healthPaths.alive }),
    await site.get({ path: healthPaths.ready }),
  ];
  const differs = (path: string, status: number) =>
    warning(
      `${path} answers with ${status}`,
      'if the proxy keeps it for itself, let its own checks reach it',
    );
  return [
    alive.status === 200
      ? ok(`${healthPaths.alive} says that the process lives`)
      : differs(healthPaths.alive, alive.status),
    ready.status === 200
      ? ok(`${healthPaths.ready} says that the database answers`)
      : ready.status === 503
        ? fault(
            `${healthPaths.ready} says that the database cannot be used`,
            'see the server’s log, and its database',
          )
        : differs(healthPaths.ready, ready.status),
  ];
}
