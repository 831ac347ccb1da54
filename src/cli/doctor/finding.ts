/** What a check found. Whatever is not right says how to put it right. Nothing in it is secret. */
export type Finding = { readonly check: string; readonly what: string } & (
  | { readonly verdict: 'ok' }
  | { readonly verdict: 'warning' | 'fault'; readonly fix: string }
);

/** The findings of one check, under its name. */
export type Findings = {
  readonly ok: (what: string) => Finding;
  /** It works, and is weaker or closer to trouble than it should be. */
  readonly warning: (what: string, fix: string) => Finding;
  /** It does not work, or it is not safe. */
  readonly fault: (what: string, fix: string) => Finding;
};

export function findingsOf(check: string): Findings {
  return {
    ok: (what) => ({ check, verdict: 'ok', what }),
    warning: (what, fix) => ({ check, verdict: 'warning', what, fix }),
    fault: (what, fix) => ({ check, verdict: 'fault', what, fix }),
  };
}

const LONGEST_QUOTE = 80;

/** A few words from elsewhere, as they may be printed: what could speak to a terminal is left out. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return `“${short.replace(/[^ -~…]/g, '?')}”`;
}
