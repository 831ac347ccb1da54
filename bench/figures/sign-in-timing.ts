import type { SignInAccounts } from '../load/caller.ts';
import { openUnknownClients, type UnknownClients } from '../load/unknown-client.ts';
import { percentile } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';

const PAIRS = 1_000;
const WARM_UP = 20;
const HALVINGS = 1_000;
const WRONG_PASSWORD = 'a passphrase that nobody ever chose';

/**
 * (j) Whether the duration of a refused sign-in reveals if the account exists: the difference between the medians for
 * existing and unknown names, divided by the 95th percentile of the differences between random halves of all durations.
 */
export async function measureSignInTiming(latchkey: Subject, accounts: SignInAccounts): Promise<Figure> {
  const unknownClients = await openUnknownClients(latchkey.port);
  const known = (turn: number) => time(unknownClients, accounts.username(turn));
  const unknown = (turn: number) => time(unknownClients, unknownName(accounts.username(turn)));
  const times = { known: [] as number[], unknown: [] as number[] };
  // No name and no address is used twice, so that the throttle refuses no request.
  for (let turn = 0; turn < WARM_UP + PAIRS; turn += 1) {
    // The order of the two is random, so that nothing periodic affects only one of them.
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

/** A name of the same length that belongs to no account. */
function unknownName(username: string): string {
  return username.replace('member', 'absent');
}

async function time(unknownClients: UnknownClients, username: string): Promise<number> {
  const { status, milliseconds } = await unknownClients({ username, password: WRONG_PASSWORD });
  if (status !== 401) throw new Error(`a wrong password was answered with ${status} and not with 401`);
  return milliseconds;
}

/** The difference between the medians of two random halves of one set that 95 % of the halvings do not exceed. */
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
