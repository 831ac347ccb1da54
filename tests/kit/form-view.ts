import type { FormView } from '../../src/auth/action.ts';

type Drawn = {
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  readonly problem: string | null;
  readonly problems: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
  readonly hasTrap: boolean;
};

/** A form as a view gets it, empty by default. */
export function formView({
  path = '/',
  values = {},
  problem = null,
  problems = {},
  reasons = [],
  hasTrap = true,
}: Partial<Drawn>): FormView {
  return {
    path,
    csrf: 'the token',
    value: (field) => values[field] ?? '',
    isSent: false,
    hasTrap,
    problem,
    problemOf: (field) => problems[field] ?? null,
    hasReason: (reason) => reasons.includes(reason),
    challenge: '',
  };
}
