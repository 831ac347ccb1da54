import type { Core } from '../auth/core.ts';
import {
  events as factorEvents,
  factorRowsOf,
  parseReason,
  resetFactors,
} from '../features/second-factors/index.ts';
import type { AnnounceBy, By } from './user-actor.ts';
import { findById, type NotFound, onAccount } from './user-changes.ts';

/** A second factor of a user. Times are milliseconds of UTC. */
export type UserFactor = {
  /** Such as `totp` or `recovery-codes`. */
  readonly kind: string;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  /** Whether sign-ins ask for it, or for what it replaces; a passkey that the browser has created only signs in. */
  readonly isAskedFor: boolean;
};

/** Why the factors are removed, as the audit log names it: how you know that it is the owner who asks. */
export type FactorsReset = By & { readonly reason: string };

export type FactorsRemoved =
  | { readonly ok: true; readonly factors: number }
  | NotFound
  | { readonly ok: false; readonly reason: 'no-factors' };

type FactorParts = { readonly core: Core; readonly announce: AnnounceBy };

/** What the application does about the second factors of users. */
export function createUserFactors({ core, announce }: FactorParts) {
  const { accounts, clock, database } = core;
  return {
    factors: async (id: string): Promise<readonly UserFactor[]> => {
      const account = await findById(accounts, id);
      if (account === null) return [];
      const rows = await factorRowsOf(database.queries, account.id);
      return rows.map(({ kind, addedAt, lastUsedAt, unaskedSince }) => ({
        kind,
        addedAt,
        lastUsedAt,
        isAskedFor: unaskedSince === null,
      }));
    },

    /** @throws {TypeError} when no reason is given: a factor must not be removed without one */
    resetFactors: (id: string, { reason: given, ...by }: FactorsReset): Promise<FactorsRemoved> => {
      const reason = parseReason(given);
      if (reason === null) throw new TypeError('reason is missing or too long; give 1 to 200 characters');
      return onAccount<FactorsRemoved>(accounts, id, by, async ({ id: accountId }, actor) => {
        const factors = await resetFactors(core, accountId, clock());
        if (factors === 0) return { ok: false, reason: 'no-factors' };
        announce(factorEvents.secondFactorsReset, { accountId, factors, reason }, actor);
        return { ok: true, factors };
      });
    },
  };
}
