import { createChallenge, randomInt, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { html } from 'hono/html';
import { z } from 'zod';
import { messages } from '../../auth/pages/messages.ts';
import type { Secrets } from '../crypto/secrets.ts';
import { MINUTE } from '../runtime/clock.ts';
import type { Form } from '../web/form.ts';
import type { Challenge } from './challenge.ts';
import type { Counters } from './counters/counters.ts';

/** The field in which a form carries its solution, as ALTCHA names it. */
const PROOF_FIELD = 'altcha';
/** Passes of PBKDF2-HMAC-SHA-256 for one try. */
const PASSES = 1_000;
/** How many tries a solution takes at most; half of them on average: about a second on one core. */
const MOST_TRIES = 2_000;
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
 * ALTCHA's proof of work: the browser tries numbers until one derives the key that we have in mind. Made and checked
 * here; nobody else learns of it. The derivation is one that browsers do as fast as anybody's own program.
 * @see https://altcha.org (proof of work, version 2)
 */
export function createProofOfWork(secrets: Secrets, counters: Counters, solverPath: string): Challenge {
  const keys = secrets.keys('proof-of-work').map((key) => key.export().toString('hex'));
  const [newest] = keys;
  if (newest === undefined) throw new TypeError('no key');
  return {
    offer: async (now) => {
      const challenge = await createChallenge({
        algorithm: 'PBKDF2/SHA-256',
        cost: PASSES,
        counter: randomInt(MOST_TRIES),
        deriveKey,
        data: { offeredAt: now },
        ...signedWith(newest),
      });
      const text = messages.throttle.proof;
      return html`<div class="proof" data-challenge="${JSON.stringify(challenge)}" data-solver="${solverPath}" data-working="${text.working}" data-done="${text.done}" data-failed="${text.failed}"><input type="hidden" name="${PROOF_FIELD}" value=""><p role="status"></p></div>`;
    },
    isMet: async (form, now) => {
      const given = readSolution(form);
      if (given === null) return false;
      const age = now - given.challenge.parameters.data.offeredAt;
      if (age < 0 || age > LIFETIME) return false;
      for (const key of keys) {
        const { verified } = await verifySolution({ ...given, deriveKey, ...signedWith(key) });
        if (verified) return isUnused(counters, given.challenge.signature, now);
      }
      return false;
    },
  };
}

function signedWith(key: string) {
  return { hmacSignatureSecret: key, hmacKeySignatureSecret: `${key} key` };
}

/** The solution that a form carries; null when that is none. */
function readSolution(form: Form) {
  const text = form.text(PROOF_FIELD);
  if (text === '' || text.length > LONGEST_SOLUTION) return null;
  try {
    const parsed = solution.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Each solution opens the way once, on whichever node. */
async function isUnused(counters: Counters, signature: string, now: number): Promise<boolean> {
  const once = { key: `proof ${signature}`, rule: { most: 1, window: 2 * LIFETIME } };
  return (await counters.reserve([once], now)).allowed;
}
