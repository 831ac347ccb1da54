import type { Check, Checked, Visit } from '../auth/sessions/check.ts';
import type { SessionRule } from '../auth/slots.ts';
import { createHistogram, type Registry } from '../platform/observability/index.ts';
import { SECOND } from '../platform/runtime/index.ts';

/** Asks the rules of features about every session that is found; without rules it costs nothing. */
export function createRuledCheck(check: Check, rules: () => readonly SessionRule[]): Check {
  return (token, visit) => {
    const all = rules();
    const checked = check(token, visit);
    if (all.length === 0) return checked;
    return checked instanceof Promise
      ? checked.then((later) => applyRules(all, later, visit))
      : applyRules(all, checked, visit);
  };
}

async function applyRules(rules: readonly SessionRule[], checked: Checked, visit: Visit): Promise<Checked> {
  if (checked === null || 'stolen' in checked) return checked;
  for (const rule of rules) if (!(await rule(checked.signedIn, visit))) return null;
  return checked;
}

type WatchCheck = (check: Check) => Check;

// A check takes some ten microseconds, and reading the clock twice with a histogram half of one; so few are timed.
const CHECKS_FOR_EACH_TIMED = 16;

const MICROSECOND = 1e-6;
const BUCKETS = [10, 25, 50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000, 1_000_000];

/** Counts every session check by what came of it, and times one of sixteen. */
export function measureSessionChecks(registry: Registry): WatchCheck {
  const counts = { current: 0, rotated: 0, refused: 0, stolen: 0, failed: 0 };
  // Plain numbers until the metrics are read, because this is the hottest path.
  registry.add({
    name: 'latchkey_session_checks_total',
    help: 'Session checks by what came of them.',
    type: 'counter',
    read: () => Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value })),
  });
  const observe = createHistogram(registry, {
    name: 'latchkey_session_check_duration_seconds',
    help: `How long a session check took; one of ${CHECKS_FOR_EACH_TIMED} is timed.`,
    labels: [],
    buckets: BUCKETS.map((microseconds) => microseconds * MICROSECOND),
  });
  let calls = 0;
  const settle = (checked: Checked, start: number): Checked => {
    counts[outcomeOf(checked)] += 1;
    if (start >= 0) observe({}, (performance.now() - start) / SECOND);
    return checked;
  };
  const fail = (error: unknown): never => {
    counts.failed += 1;
    throw error;
  };
  return (check) => (token, visit) => {
    const start = calls % CHECKS_FOR_EACH_TIMED === 0 ? performance.now() : -1;
    calls += 1;
    try {
      const checked = check(token, visit);
      return checked instanceof Promise
        ? checked.then((later) => settle(later, start), fail)
        : settle(checked, start);
    } catch (error) {
      return fail(error);
    }
  };
}

function outcomeOf(checked: Checked): 'current' | 'rotated' | 'refused' | 'stolen' {
  if (checked === null) return 'refused';
  if ('stolen' in checked) return 'stolen';
  return checked.successor === null ? 'current' : 'rotated';
}
