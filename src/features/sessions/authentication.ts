import type { Session } from '../../auth/sessions/session.ts';

/** How the user of a session has authenticated. All times are milliseconds of UTC. */
export type Authentication = {
  /** NIST SP 800-63B-4: 2 where a second factor was proven in the session, else 1. */
  readonly aal: 1 | 2;
  /**
   * What was proven in it: the sign-in method, the password where it was entered later, and the kind of the second factor, such
   * as `['password', 'totp']`.
   */
  readonly methods: readonly string[];
  /** When the user last authenticated actively; null where nothing shows that, as after silent single sign-on. */
  readonly at: number | null;
  /** When a second factor was last proven; null where none was. */
  readonly secondFactorAt: number | null;
};

/** A remembered browser is no factor: only what was proven counts. */
export function authenticationOf({
  method,
  proof,
  secondFactor,
}: Pick<Session, 'method' | 'proof' | 'secondFactor'>): Authentication {
  const entered = proof?.by === 'password' ? ['password'] : [];
  const factor = secondFactor === null ? [] : [secondFactor.kind];
  return {
    aal: secondFactor === null ? 1 : 2,
    methods: [...new Set([method, ...entered, ...factor])],
    at: proof?.at ?? null,
    secondFactorAt: secondFactor?.at ?? null,
  };
}
