import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { engines, REDIS_URL } from './databases.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { type Answer, newAddress, type Visitor, WRONG_PASSWORD } from './visitor.ts';

type Start = (options?: TestOptions) => Promise<TestSystem>;

/** The stores of counters: each database, and Redis beside one. */
const stores: readonly { readonly name: string; readonly start: Start }[] = [
  ...engines.map((engine) => ({
    name: engine.name,
    start: (options: TestOptions = {}) => startSystem(options, engine),
  })),
  ...(REDIS_URL === undefined
    ? []
    : [
        {
          name: 'Redis',
          // A secret of its own, so that the counters in Redis have other keys than those of other tests.
          start: (options: TestOptions = {}) =>
            startSystem({ ...options, redisUrl: REDIS_URL, secretKey: newToken() }),
        },
      ]),
];

/** Runs tests once with every store of counters. */
export function onEveryCounterStore(promise: string, tests: (start: Start) => void): void {
  for (const { name, start } of stores) describe(`${promise} (${name})`, () => tests(start));
}

/** Ends every wait, so that a test can make any number of attempts. */
export async function resetCounters({ system }: TestSystem): Promise<void> {
  await system.core.database.queries.deleteFrom('counters').execute();
}

/** A sign-in with a wrong password, by default from a new address. */
export function guess(system: TestSystem, username: string, address: string = newAddress()): Promise<Answer> {
  return system.visitorFrom(address).signIn(username, WRONG_PASSWORD);
}

/** Solves the challenge on a page as a browser does; null if the page has none. */
export async function solveProofOfWork({ body }: Answer): Promise<string | null> {
  const drawn = /data-challenge="([^"]+)"/.exec(body)?.[1];
  if (drawn === undefined) return null;
  return solve(JSON.parse(drawn.replaceAll('&quot;', '"')));
}

/** Solves a challenge, and returns what the field `altcha` contains. */
export async function solve(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
}

/** The same status `count` times. */
export const times = (count: number, status: number) => Array<number>(count).fill(status);

/** Guesses at a user from the address of a browser until that is refused. @returns the browser and the refusal */
export async function exhaustAttempts(
  system: TestSystem,
  username: string,
): Promise<{ visitor: Visitor; last: Answer }> {
  const address = newAddress();
  for (let attempt = 0; attempt < 5; attempt += 1) await guess(system, username, address);
  const visitor = system.visitorFrom(address);
  const last = await visitor.signIn(username, WRONG_PASSWORD);
  assert.equal(last.status, 429);
  return { visitor, last };
}
