import { type Caller, type SignInAccounts, signInCaller } from '../load/caller.ts';
import { percentile } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';

const PAIRS = 1_000;
const WARM_UP = 20;
const HALVINGS = 1_000;
const WRONG_PASSWORD = 'a passphrase that nobody ever chose';

/**
 * (j) Whether the time of a refused sign-in tells if there is an account of that name: the medians of both kinds
 * differ by so much, divided by what the medians of random halves of all differ by in all but 5 % of the halvings.
 */
export async function measureSignInTiming(latchkey: Subject, accounts: SignInAccounts): Promise<Figure> {
  const wrong = { ...accounts, password: WRONG_PASSWORD };
  const known = await signInCaller(latchkey.port, wrong);
  const unknown = await signInCaller(latchkey.port, { ...wrong, username: nobody(accounts) });
  for (let turn = 0; turn < WARM_UP; turn += 1) for (const caller of [known, unknown]) await time(caller);
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // Who comes first is left to chance, so that nothing that follows a rhythm falls on one of the two.
    const isKnownFirst = Math.random() < 0.5;
    if (isKnownFirst) times.known.push(await time(known));
    times.unknown.push(await time(unknown));
    if (!isKnownFirst) times.known.push(await time(known));
  }
  for (const { close } of [known, unknown]) close();
  const difference = distance(times.known, times.unknown);
  const noise = noiseOf([...times.known, ...times.unknown]);
  const ratio = difference / noise;
  return {
    name: '(j) median time of refused sign-ins, known and unknown names: difference ÷ noise',
    measured: { median: ratio, least: ratio, most: ratio },
    unit: '',
    goal: { atMost: 1 },
    absolute: `${PAIRS * 2} sign-ins; known ${inWords(percentile(times.known, 50))}, unknown ${inWords(percentile(times.unknown, 50))}; noise ${inWords(noise)}`,
  };
}

/** Names of the same length that nobody has. */
function nobody({ username }: SignInAccounts): (index: number) => string {
  return (index) => username(index).replace('person', 'nobody');
}

async function time({ call }: Caller): Promise<number> {
  const start = performance.now();
  const { status } = await call();
  if (status !== 401) throw new Error(`a wrong password was answered with ${status} and not with 401`);
  return performance.now() - start;
}

/** By how much the medians of two random halves of one set differ, at most, in 95 % of the halvings. */
function noiseOf(all: readonly number[]): number {
  const differences = Array.from({ length: HALVINGS }, () => {
    const shuffled = shuffle(all);
    return distance(shuffled.slice(0, all.length / 2), shuffled.slice(all.length / 2));
  });
  return percentile(differences, 95);
}

function distance(one: readonly number[], other: readonly number[]): number {
  return Math.abs(percentile(one, 50) - percentile(other, 50));
}

function shuffle(values: readonly number[]): readonly number[] {
  const keyed = values.map((value) => ({ value, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}

function inWords(milliseconds: number): string {
  return `${milliseconds.toFixed(3)} ms`;
}
