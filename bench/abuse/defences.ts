import { accountIds } from '../../src/auth/identifiers/ids.ts';
import { requestContext } from '../../src/auth/request-context.ts';
import { limits } from '../../src/features/passkeys/definitions.ts';
import { limitSignIn } from '../../src/features/passwords/index.ts';
import type { Counters, Demand, Rule } from '../../src/platform/rate-limit/counters/counters.ts';
import { type Count, decide } from '../../src/platform/rate-limit/counters/rules.ts';
import { limitAddress } from '../../src/platform/rate-limit/index.ts';
import { createThrottle } from '../../src/platform/rate-limit/throttle.ts';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { NO_FORM } from '../../src/platform/web/index.ts';
import { english } from '../../src/platform/words/language.ts';

/** One attempt to sign in, as a defence sees it. */
export type Try = {
  readonly account: number;
  readonly address: string;
  /** Whether the account has signed in on this device before. */
  readonly isKnownDevice: boolean;
  readonly hasProof: boolean;
  readonly isRight: boolean;
  /** Whether the password is one of the most frequent. */
  readonly isCommonPassword: boolean;
  /** Milliseconds since the start. */
  readonly at: number;
};

export type Reply = 'compared' | 'asked for proof' | 'refused';

export type Defence = {
  readonly name: string;
  readonly attempt: (attempt: Try) => Promise<Reply>;
  /** A sign-in with a passkey of its account. */
  readonly usePasskey: (attempt: Pick<Try, 'address' | 'at'>) => Promise<Reply>;
};

/** Counters that behave like those of every store, in memory. */
function countersInMemory(): Counters {
  const counts = new Map<string, Count>();
  return {
    reserve: async (demands, now) => {
      const decision = decide(counts, demands, now);
      if (!decision.ok) return decision;
      for (const { demand, next } of decision.changes) counts.set(demand.key, next);
      return { ok: true, permits: decision.changes.map(({ permit }) => ({ ...permit, store: 'database' })) };
    },
    giveBack: async (permits) => {
      for (const { key } of permits) {
        const count = counts.get(key);
        if (count !== undefined) counts.set(key, { ...count, count: count.count - 1, blockedUntil: 0 });
      }
    },
    clear: async (keys) => {
      for (const key of keys) counts.delete(key);
    },
  };
}

/** The limits and the throttle that the server runs. */
export function latchkey(): Defence {
  let attempt: (Pick<Try, 'at'> & Partial<Try>) | null = null;
  const throttle = createThrottle({
    counters: countersInMemory(),
    challenge: {
      offer: () => Promise.reject(new Error('nobody is shown a page')),
      isMet: async () => attempt?.hasProof === true,
    },
    clock: () => attempt?.at ?? 0,
    announce: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  const request = new Request('http://localhost/login');
  const contextFrom = (address: string) =>
    requestContext(request, {}, { clientAddress: () => address, languages: [english] });
  return {
    name: 'Latchkey',
    usePasskey: async (next) => {
      attempt = next;
      const context = contextFrom(next.address);
      const counted = limitAddress(limits['passkey-attempts'], context);
      const outcome = await throttle({ context, counted, form: NO_FORM, subject: null }, async () => ({
        result: null,
        verdict: 'succeeded',
      }));
      if (outcome.ok) return 'compared';
      return outcome.refusal.challenge === null ? 'refused' : 'asked for proof';
    },
    attempt: async (next) => {
      attempt = next;
      const context = contextFrom(next.address);
      const bytes = Buffer.alloc(16);
      bytes.writeUInt32BE(next.account, 12);
      const accountId = accountIds.fromBytes(bytes);
      const device = next.isKnownDevice ? `device of ${accountId}` : null;
      const tried = { accountId, name: '', isCommonPassword: next.isCommonPassword };
      const counted = limitSignIn(device, context, tried);
      const outcome = await throttle({ context, counted, form: NO_FORM, subject: accountId }, async () => ({
        result: null,
        verdict: next.isRight ? 'succeeded' : 'failed',
      }));
      if (outcome.ok) return 'compared';
      return outcome.refusal.challenge === null || next.hasProof ? 'refused' : 'asked for proof';
    },
  };
}

/** One rule for one key, as simpler systems have it. */
function single(name: string, rule: Rule, keyOf: (attempt: Try) => string): Defence {
  const counters = countersInMemory();
  return {
    name,
    usePasskey: async () => 'compared',
    attempt: async (attempt) => {
      const demand: Demand = { key: keyOf(attempt), rule };
      const reservation = await counters.reserve([demand], attempt.at);
      if (!reservation.ok) return 'refused';
      if (attempt.isRight) await counters.giveBack(reservation.permits);
      return 'compared';
    },
  };
}

/** The defences to compare with. */
export const simplerDefences: readonly (() => Defence)[] = [
  () => ({ name: 'none', attempt: async () => 'compared', usePasskey: async () => 'compared' }),
  () =>
    single('5 failures per account, then 15 minutes', { max: 5, window: 15 * MINUTE }, ({ account }) =>
      String(account),
    ),
  () =>
    single(
      '30 failures per address in 15 minutes',
      { max: 30, window: 15 * MINUTE },
      ({ address }) => address,
    ),
];
