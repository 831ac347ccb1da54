import type { SignInAccounts } from '../load/caller.ts';
import { openStrangers, type Strangers } from '../load/stranger.ts';
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
  const strangers = await openStrangers(latchkey.port);
  const known = (turn: number) => time(strangers, accounts.username(turn));
  const unknown = (turn: number) => time(strangers, nobody(accounts.username(turn)));
  const times = { known: [] as number[], unknown: [] as number[] };
  // No name is tried twice and no address is, so that the throttle answers none of them.
  for (let turn = 0; turn < WARM_UP + PAIRS; turn += 1) {
    // Who comes first is left to chance, so that nothing that follows a rhythm falls on one of the two.
    const isKnownFirst = Math.random() < 0.5;
    const first = await (isKnownFirst ? known : unknown)(turn);
    const second = await (isKnownFirst ? unknown : known)(turn);
    if (turn < WARM_UP) continue;
    times.known.push(isKnownFirst ? first : second);
    times.unknown.push(isKnownFirst ? second : first);
  }
  const difference = distance(times.known, times.unknown);
  const noise = noiseOf([...times.known, ...times.unknown]);
  const ratio = difference / noise;
  return {
    name: '(j) median time of refused sign-ins, known and unknown names: difference ÷ noise',
    measured: { median: ratio, least: ratio, most: ratio },
    unit: '',
    goal: { limitTo: 1 },
    absolute: `${PAIRS * 2} sign-ins; known ${inWords(percentile(times.known, 50))}, unknown ${inWords(percentile(times.unknown, 50))}; noise ${inWords(noise)}`,
  };
}

/** A name of the same length that nobody has. */
function nobody(username: string): string {
  return username.replace('person', 'nobody');
}

async function time(strangers: Strangers, username: string): Promise<number> {
  const { status, milliseconds } = await strangers({ username, password: WRONG_PASSWORD });
  if (status !== 401) throw new Error(`a wrong password was answered with ${status} and not with 401`);
  return milliseconds;
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
