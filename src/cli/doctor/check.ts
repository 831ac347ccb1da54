import { type Finding, findingsOf } from './finding.ts';

/** One thing that is looked at. */
export type Check<Subject> = {
  readonly name: string;
  readonly run: (subject: Subject) => Promise<readonly Finding[]> | readonly Finding[];
};

/** Runs checks one after the other. One that cannot be finished is a finding, too, and stops none of the others. */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of checks) {
    try {
      findings.push(...(await run(subject)));
    } catch (error) {
      findings.push(unfinished(name, error));
    }
  }
  return findings;
}

// The message of an error may hold an address with its password, so only its kind is told.
function unfinished(name: string, error: unknown): Finding {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return findingsOf(name).fault(
    `the check could not be finished (${kind}${code})`,
    'see whether the server, its database and the network between are well, and run it again',
  );
}
