import { type Check, runChecks } from '../check.ts';
import type { Finding } from '../finding.ts';
import { certificate } from './certificate.ts';
import { contentPolicy } from './content-policy.ts';
import { cookies } from './cookies.ts';
import { encryption } from './encryption.ts';
import { foreignHost } from './foreign-host.ts';
import { forwarded } from './forwarded.ts';
import { headers } from './headers.ts';
import { health } from './health.ts';
import { plainHttp } from './plain-http.ts';
import { reachable } from './reachable.ts';
import { isListening, type Site } from './site.ts';
import { softwareNames } from './software-names.ts';
import { strictTransport } from './strict-transport.ts';

const ofTheConnection: readonly Check<Site>[] = [encryption, certificate, plainHttp];

const ofTheAnswers: readonly Check<Site>[] = [
  strictTransport,
  headers,
  contentPolicy,
  cookies,
  forwarded,
  foreignHost,
  health,
  softwareNames,
];

/** Looks at a deployment as strangers see it. Where nothing answers, that alone is told. */
export async function lookFromOutside(site: Site): Promise<readonly Finding[]> {
  const arrival = await runChecks([reachable], site);
  if (!(await isListening(site))) return arrival;
  const findings = [...arrival, ...(await runChecks(ofTheConnection, site))];
  // Another program’s answers would be faulted one by one.
  if (arrival.some(({ verdict }) => verdict !== 'ok')) return findings;
  return [...findings, ...(await runChecks(ofTheAnswers, site))];
}
