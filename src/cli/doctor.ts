import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { checkFromInside, checkFromOutside } from '../operations/doctor/doctor.ts';
import { type Finding, reportFor } from '../operations/doctor/findings.ts';
import { siteAt } from '../operations/doctor/site.ts';
import { type Command, type GivenOptions, UsageError } from '../platform/command-line/index.ts';
import { type GivenValues, givenSettings } from '../read-settings.ts';
import { configuredPool, configuredProviders, environment } from './configuration.ts';
import { pathArgument } from './path-argument.ts';

const EXIT_FAULT = 1;

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look at a running deployment from outside and inside, and say what to fix.',
  options: {
    authority: { type: 'string', explanation: 'File with the certificate of your own authority.' },
  },
  operands: [{ name: 'URL', explanation: 'The address to look at; BASE_URL if omitted.', isOptional: true }],
  run: async (given, [address]) => {
    const settings = givenSettings(environment(), process.cwd());
    const url = address === undefined ? settings.baseUrl : originOf(address);
    // The port in the names of cookies is that of a project on this machine.
    const cookiePrefix = settings.cookiePrefix.replace(/^(latchkey)\d+$/, '$1');
    const seen = url.origin === settings.baseUrl.origin ? settings : { ...settings, cookiePrefix };
    const outside = await checkFromOutside(siteAt(url, authoritiesFrom(given), undefined, seen));
    const findings = [...outside, ...(await checkInside(url, settings))];
    const count = (verdict: Finding['verdict']) =>
      findings.filter((finding) => finding.verdict === verdict).length;
    const [faults, warnings] = [count('fault'), count('warning')];
    if (faults > 0) process.exitCode = EXIT_FAULT;
    const lines = findings.map((finding) => {
      const fix = finding.verdict === 'ok' ? '' : `; ${finding.fix}`;
      return `${finding.verdict.padEnd(8)} ${finding.check}: ${finding.what}${fix}`;
    });
    const text = [...lines, '', `${url.origin}: faults: ${faults}, warnings: ${warnings}`];
    return { json: { url: url.origin, faults, warnings, findings }, text };
  },
};

function originOf(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new UsageError('latchkey doctor takes an address such as https://login.example.org');
  return new URL(url.origin);
}

function authoritiesFrom({ authority }: GivenOptions): readonly string[] {
  const known = getCACertificates('default');
  if (typeof authority !== 'string') return known;
  const file = pathArgument('--authority', authority);
  try {
    return [...known, readFileSync(file, 'utf8')];
  } catch {
    throw new UsageError('--authority names a file that cannot be read; give the path of one');
  }
}

// The settings of this machine say nothing about another deployment.
async function checkInside(url: URL, settings: GivenValues): Promise<readonly Finding[]> {
  if (url.origin === settings.baseUrl.origin)
    return checkFromInside(settings, { pool: configuredPool(), providers: configuredProviders() });
  const what = `the settings here are of ${settings.baseUrl.origin}, so only the outside was looked at`;
  return [reportFor('inside').ok(what)];
}
