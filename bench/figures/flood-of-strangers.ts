import { setTimeout as wait } from 'node:timers/promises';
import type { SignInAccounts } from '../load/caller.ts';
import { openConnection } from '../load/connection.ts';
import { openLoginForm } from '../load/login-form.ts';
import { type Arrivals, callAtRate } from '../load/loops.ts';
import { openStrangers, type Strangers } from '../load/stranger.ts';
import { percentile } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';
import { MEGABYTE, sampleMemory } from './memory.ts';

const FLOOD = 4;
const MOST_AT_ONCE = 256;
const HALF_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 100;
const WRONG_PASSWORD = 'a passphrase that nobody ever chose';

/**
 * (l) How long somebody waits who signs in where they have signed in before, while strangers from everywhere try four
 * times as many wrong passwords as can be hashed; and whether the server's memory stays bounded meanwhile.
 */
export async function measureFloodOfStrangers(
  latchkey: Subject,
  accounts: SignInAccounts,
  signInsPerSecond: number,
): Promise<readonly Figure[]> {
  const { residentBytes: atStart } = await latchkey.usage();
  const owner = await openKnownDevice(latchkey.port, accounts);
  const strangers = await openStrangers(latchkey.port);
  const half = async () => {
    const memory = sampleMemory(latchkey);
    const flooding = flood(strangers, accounts, FLOOD * signInsPerSecond);
    const [latencies, arrivals] = await Promise.all([signInUntil(flooding, owner), flooding]);
    return { latencies, arrivals, aboveStart: ((await memory.end()) - atStart) / MEGABYTE };
  };
  const halves = [await half(), await half()];
  const latencies = halves.flatMap((each) => each.latencies);
  const peaks = halves.map(({ aboveStart }) => aboveStart);
  return [
    {
      name: '(l) longest sign-in from a known device in a flood of strangers',
      measured: single(Math.max(...latencies)),
      unit: ' ms',
      goal: { limitTo: 2_000 },
      absolute: `${latencies.length} sign-ins, median ${percentile(latencies, 50).toFixed(0)} ms, p99 ${percentile(latencies, 99).toFixed(0)} ms; ${describeFlood(halves.map(({ arrivals }) => arrivals))}`,
    },
    {
      name: '(l) memory in that flood at its peak, above the start',
      measured: single(Math.max(...peaks)),
      unit: ' MB',
      goal: { limitTo: 150 },
      absolute: `${(atStart / MEGABYTE).toFixed(0)} MB at the start; peaks of the two halves ${peaks.map((peak) => peak.toFixed(0)).join(' and ')} MB above it`,
    },
  ];
}

/** One whole sign-in over a new connection. @returns how long it took, in milliseconds */
type SignIn = () => Promise<number>;

/** Signs in once, and keeps of it what a browser keeps when it is closed. */
async function openKnownDevice(port: number, { username, password }: SignInAccounts): Promise<SignIn> {
  const first = await openConnection(port);
  const form = await openLoginForm(first, port);
  const credentials = { username: username(0), password };
  const { head } = await first.request(form(credentials));
  first.close();
  const cookie = /set-cookie: (latchkey-device=[^;\r]+)/i.exec(head)?.[1];
  if (cookie === undefined) throw new Error('the browser is not remembered after a sign-in');
  return async () => {
    const start = performance.now();
    const { request, close } = await openConnection(port);
    const { status } = await request(form(credentials, cookie));
    close();
    if (status !== 303) throw new Error(`a right password from a known device was answered with ${status}`);
    return performance.now() - start;
  };
}

async function signInUntil(end: Promise<unknown>, signIn: SignIn): Promise<readonly number[]> {
  let isOver = false;
  const stop = () => {
    isOver = true;
  };
  end.then(stop, stop);
  const latencies: number[] = [];
  while (!isOver) {
    latencies.push(await signIn());
    await wait(PAUSE_MILLISECONDS);
  }
  return latencies;
}

function flood(strangers: Strangers, accounts: SignInAccounts, perSecond: number): Promise<Arrivals> {
  const call = () => strangers({ username: randomName(accounts), password: WRONG_PASSWORD });
  const callers = Array.from({ length: MOST_AT_ONCE }, () => ({ call, close: () => {} }));
  return callAtRate(callers, perSecond, HALF_MILLISECONDS);
}

/** Every second name is nobody's. */
function randomName({ count, username }: SignInAccounts): string {
  const name = username(Math.floor(Math.random() * count));
  return Math.random() < 0.5 ? name : name.replace('person', 'nobody');
}

function describeFlood(halves: readonly Arrivals[]): string {
  const perSecond = (status: number) => {
    const count = halves.reduce((sum, { countByStatus }) => sum + (countByStatus.get(status) ?? 0), 0);
    return `${((count * 1_000) / (halves.length * HALF_MILLISECONDS)).toFixed(0)}/s`;
  };
  const dropped = halves.reduce((sum, half) => sum + half.dropped, 0);
  return `strangers: ${perSecond(401)} refused after a hash, ${perSecond(503)} told to wait, ${perSecond(429)} throttled, ${dropped} in all not sent for want of connections`;
}

function single(value: number) {
  return { median: value, least: value, most: value };
}
