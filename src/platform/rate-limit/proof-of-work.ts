import { html } from 'hono/html';
import { z } from 'zod';
import type { Secrets } from '../crypto/index.ts';
import { MINUTE, resultOrNull } from '../runtime/index.ts';
import type { Form, Html } from '../web/index.ts';
import type { Wording } from '../words/index.ts';
import type { Counters } from './counters/counters.ts';
import { throttleWords } from './words.ts';

/**
 * Work for the browser of a visitor, offered after too many attempts. A visitor who cannot do it, for example without
 * scripts, waits instead. An application can supply another challenge; it must work with a keyboard and a screen reader.
 */
export type Challenge = {
  /** @param now milliseconds of UTC */
  readonly offer: (now: number, words: Wording) => Promise<OfferedChallenge>;
  /** Whether a form solves a challenge that was offered, has not expired and was not used before. */
  readonly isMet: (form: Form, now: number) => Promise<boolean>;
};

/** A challenge in the two presentations of an action. */
export type OfferedChallenge = {
  /** What a form carries so that the browser can solve it. */
  readonly form: Html;
  /** What an API client solves; JSON. */
  readonly json: object;
};

/** The field in which a form carries its solution, as ALTCHA names it. */
const PROOF_FIELD = 'altcha';
/** Iterations of PBKDF2-HMAC-SHA-256 for one try. */
const PASSES = 1_000;
/** The most tries that a solution takes; half of them on average, which is about a second on one core. */
const MAX_TRIES = 2_000;
const LIFETIME = 10 * MINUTE;
const LONGEST_SOLUTION = 4_000;

const solution = z.object({
  challenge: z.object({
    parameters: z.looseObject({
      algorithm: z.literal('PBKDF2/SHA-256'),
      cost: z.literal(PASSES),
      keyLength: z.number(),
      keyPrefix: z.string(),
      nonce: z.string(),
      salt: z.string(),
      data: z.strictObject({ offeredAt: z.number() }),
    }),
    signature: z.string(),
  }),
  solution: z.object({ counter: z.number(), derivedKey: z.string() }),
});

/**
 * ALTCHA's proof of work: the browser tries numbers until one derives the chosen key. It is created and verified here,
 * without a third party. Browsers compute the derivation as fast as a native program does.
 * @see https://altcha.org (proof of work, version 2)
 */
export function createProofOfWork(secrets: Secrets, counters: Counters, solverPath: string): Challenge {
  const keys = secrets.keys('proof-of-work').map((key) => key.export().toString('hex'));
  const [newest] = keys;
  if (newest === undefined) throw new TypeError('no key');
  return {
    offer: async (now, words) => {
      const texts = words(throttleWords).proof;
      const { createChallenge, randomInt, deriveKey } = await loadAltcha();
      const challenge = await createChallenge({
        algorithm: 'PBKDF2/SHA-256',
        cost: PASSES,
        counter: randomInt(MAX_TRIES),
        deriveKey,
        data: { offeredAt: now },
        ...signedWith(newest),
      });
      const form = html`<div class="proof" data-challenge="${JSON.stringify(challenge)}" data-solver="${solverPath}" data-working="${texts.working}" data-done="${texts.done}" data-failed="${texts.failed}"><input type="hidden" name="${PROOF_FIELD}" value=""><p role="status"></p></div>`;
      return { form, json: challenge };
    },
    isMet: async (form, now) => {
      const given = readSolution(form);
      if (given === null) return false;
      const age = now - given.challenge.parameters.data.offeredAt;
      if (age < 0 || age > LIFETIME) return false;
      const { verifySolution, deriveKey } = await loadAltcha();
      for (const key of keys) {
        const { verified } = await verifySolution({ ...given, deriveKey, ...signedWith(key) });
        if (verified) return isUnused(counters, given.challenge.signature, now);
      }
      return false;
    },
  };
}

/** Most servers offer no challenge for days. */
async function loadAltcha() {
  const [altcha, { deriveKey }] = await Promise.all([
    import('altcha-lib'),
    import('altcha-lib/algorithms/pbkdf2'),
  ]);
  return { ...altcha, deriveKey };
}

function signedWith(key: string) {
  return { hmacSignatureSecret: key, hmacKeySignatureSecret: `${key} key` };
}

/** The solution that a form carries; null if it carries none. */
function readSolution(form: Form) {
  const text = form.text(PROOF_FIELD);
  if (text === '' || text.length > LONGEST_SOLUTION) return null;
  const json = resultOrNull(() => JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
  return solution.safeParse(json).data ?? null;
}

/** Each solution can be used once, on one node. */
async function isUnused(counters: Counters, signature: string, now: number): Promise<boolean> {
  const once = { key: `proof ${signature}`, rule: { max: 1, window: 2 * LIFETIME } };
  return (await counters.reserve([once], now)).ok;
}
