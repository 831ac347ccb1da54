/** The result of a check. A warning and a fault say how to fix it. No secret is in it. */
export type Finding = { readonly check: string; readonly what: string } & (
  | { readonly verdict: 'ok' }
  | { readonly verdict: 'warning' | 'fault'; readonly fix: string }
);

/** Makes the findings of one check. */
export type Report = {
  readonly ok: (what: string) => Finding;
  /** It works, but is weaker or closer to failure than it should be. */
  readonly warning: (what: string, fix: string) => Finding;
  /** It does not work, or it is insecure. */
  readonly fault: (what: string, fix: string) => Finding;
};

type Findings = Finding | readonly Finding[];

export type Check<Subject> = (subject: Subject, report: Report) => Promise<Findings> | Findings;

export function reportFor(check: string): Report {
  return {
    ok: (what) => ({ check, verdict: 'ok', what }),
    warning: (what, fix) => ({ check, verdict: 'warning', what, fix }),
    fault: (what, fix) => ({ check, verdict: 'fault', what, fix }),
  };
}

/** Runs checks in order. A check that throws is reported as a fault and stops none of the others. */
export async function runChecks<Subject>(
  checks: Readonly<Record<string, Check<Subject>>>,
  subject: Subject,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const report = reportFor(name);
    try {
      findings.push(...[await check(subject, report)].flat());
    } catch (error) {
      findings.push(unfinished(error, report));
    }
  }
  return findings;
}

// The message of an error may contain a URL with its password, so only its kind is shown.
function unfinished(error: unknown, { fault }: Report): Finding {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return fault(
    `the check could not be finished (${kind}${code})`,
    'see whether the server, its database and the network between are well, and run it again',
  );
}

const MAX_QUOTE = 240;

/** A text from the network without what a terminal would obey; a long one is cut between two words. */
export function quoted(text: string): string {
  const cut = text.slice(0, MAX_QUOTE);
  const whole = cut.lastIndexOf(' ') > MAX_QUOTE / 2 ? cut.slice(0, cut.lastIndexOf(' ')) : cut;
  const short = text.length > MAX_QUOTE ? `${whole}…` : text;
  return `“${short.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').toWellFormed()}”`;
}
