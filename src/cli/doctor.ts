import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { type GivenValues, givenSettings } from '../settings.ts';
import { type Command, type GivenOptions, jsonOption, UsageError } from './command.ts';
import { type Finding, findingsOf } from './doctor/finding.ts';
import { lookFromInside } from './doctor/inside/inside.ts';
import { lookFromOutside } from './doctor/outside/outside.ts';
import { siteAt } from './doctor/outside/site.ts';

const EXIT_FAULT = 1;

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look at a running deployment from outside and inside, and say what to mend.',
  options: {
    authority: { type: 'string', explanation: 'File with the certificate of an authority of your own.' },
    json: jsonOption,
  },
  operands: [
    { name: 'URL', explanation: 'The address to look at; BASE_URL where it is left out.', isOptional: true },
  ],
  run: async (given, [address]) => {
    const settings = givenSettings(process.env, process.cwd());
    const url = address === undefined ? settings.baseUrl : originOf(address);
    const outside = await lookFromOutside(siteAt(url, authorities(given)));
    const findings = [...outside, ...(await insideOf(url, settings))];
    if (given['json'] === true)
      console.log(JSON.stringify({ url: url.origin, ...counted(findings), findings }));
    else print(url, findings);
    if (counted(findings).faults > 0) process.exitCode = EXIT_FAULT;
  },
};

function originOf(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new UsageError('latchkey doctor takes an address such as https://login.example.org');
  return new URL(url.origin);
}

function authorities({ authority }: GivenOptions): readonly string[] {
  const known = getCACertificates('default');
  if (typeof authority !== 'string') return known;
  try {
    return [...known, readFileSync(authority, 'utf8')];
  } catch {
    throw new UsageError('--authority names a file that cannot be read; give the path of one');
  }
}

/** The settings here say how it stands inside, when they are those of the site that is looked at. */
async function insideOf(url: URL, settings: GivenValues): Promise<readonly Finding[]> {
  if (url.origin === settings.baseUrl.origin) return lookFromInside(settings);
  const what = `the settings here are of ${settings.baseUrl.origin}, so only the outside was looked at`;
  return [findingsOf('inside').ok(what)];
}

function counted(findings: readonly Finding[]) {
  const count = (verdict: Finding['verdict']) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return { faults: count('fault'), warnings: count('warning') };
}

function print(url: URL, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const fix = finding.verdict === 'ok' ? '' : `; ${finding.fix}`;
    console.log(`${finding.verdict.padEnd(8)} ${finding.check}: ${finding.what}${fix}`);
  }
  const { faults, warnings } = counted(findings);
  console.log(`\n${url.origin}: faults: ${faults}, warnings: ${warnings}`);
}
