import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { deadlineOf } from './policy/deadlines.ts';
import { storedRecoveryOf } from './recovery-store.ts';
import { removedFactorsOf } from './removed-store.ts';
import { factorRowsOf } from './store.ts';

/** The second factors of a user, without what proves them. */
export function factorData({ queries }: Database): PersonalData {
  return {
    name: 'secondFactors',
    table: 'second_factors',
    leftOut: {
      id: 'it only distinguishes the rows of the table',
      account_id: 'it is the id of the account',
      password_version: 'it only says which password was proven together with the factor',
    },
    read: async (accountId) =>
      (await factorRowsOf(queries, accountId)).map(({ kind, ...times }) => ({
        kind,
        addedAt: isoTime(times.addedAt),
        lastUsedAt: isoTime(times.lastUsedAt),
        reportedAt: isoTime(times.reportedAt),
        unaskedSince: isoTime(times.unaskedSince),
      })),
  };
}

/** The second factors that a user has removed, as long as that can be undone. */
export function removedFactorData({ queries }: Database): PersonalData {
  return {
    name: 'removedSecondFactors',
    table: 'removed_factors',
    leftOut: {
      id: 'it only distinguishes the rows of the table',
      account_id: 'it is the id of the account',
      saved: 'it is what proves the factor, sealed',
    },
    read: async (accountId) =>
      (await removedFactorsOf(queries, accountId)).map(({ kind, ...times }) => ({
        kind,
        addedAt: isoTime(times.addedAt),
        lastUsedAt: isoTime(times.lastUsedAt),
        removedAt: isoTime(times.removedAt),
        expiresAt: isoTime(times.expiresAt),
        unaskedSince: isoTime(times.unaskedSince),
      })),
  };
}

/** The request of a user to sign in without the second factors. */
export function recoveryData({ queries }: Database): PersonalData {
  return {
    name: 'secondFactorRecovery',
    table: 'factor_recoveries',
    leftOut: {
      account_id: 'it is the id of the account',
      token_id: 'it only joins the row to its one-time token',
    },
    read: async (accountId) => {
      const stored = await storedRecoveryOf(queries, accountId);
      if (stored === null) return null;
      const { requestedAt, dueAt, expiresAt, nextNoticeAt } = stored;
      return {
        requestedAt: isoTime(requestedAt),
        dueAt: isoTime(dueAt),
        expiresAt: isoTime(expiresAt),
        nextNoticeAt: isoTime(nextNoticeAt),
      };
    },
  };
}

/** When the grace period of the user began, where the policy asks for a second factor. */
export function deadlineData({ queries }: Database): PersonalData {
  return {
    name: 'secondFactorDeadline',
    table: 'factor_deadlines',
    leftOut: { account_id: 'it is the id of the account' },
    read: async (accountId) => {
      const deadline = await deadlineOf(queries, accountId);
      if (deadline === null) return null;
      return { begunAt: isoTime(deadline.begunAt), remindedAt: isoTime(deadline.remindedAt) };
    },
  };
}
