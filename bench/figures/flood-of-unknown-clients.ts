import { setTimeout as wait } from 'node:timers/promises';
import type { SignInAccounts } from '../load/caller.ts';
import { openConnection } from '../load/connection.ts';
import { openLoginForm } from '../load/login-form.ts';
import { type Arrivals, callAtRate } from '../load/loops.ts';
import { openUnknownClients, type UnknownClients } from '../load/unknown-client.ts';
import { percentile } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';
import { MEGABYTE, sampleMemory } from './memory.ts';

const FLOOD = 4;
const MAX_AT_ONCE = 256;
const HALF_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 100;
const WRONG_PASSWORD = 'a passphrase that nobody ever chose';

/**
 * (l) The time of a sign-in from a known device, while unknown clients from many addresses try four times as many wrong
 * passwords as can be hashed; and whether the memory of the server stays bounded meanwhile.
 */
export async function measureFloodOfUnknownClients(
  latchkey: Subject,
  accounts: SignInAccounts,
  signInsPerSecond: number,
): Promise<readonly Figure[]> {
  const { residentBytes: atStart } = await latchkey.usage();
  const owner = await openKnownDevice(latchkey.port, accounts);
  const unknownClients = await openUnknownClients(latchkey.port);
  const half = async () => {
    const memory = sampleMemory(latchkey);
    const flooding = flood(unknownClients, accounts, FLOOD * signInsPerSecond);
    const [latencies, arrivals] = await Promise.all([signInUntil(flooding, owner), flooding]);
    return { latencies, arrivals, aboveStart: ((await memory.end()) - atStart) / MEGABYTE };
  };
  const halves = [await half(), await half()];
  const latencies = halves.flatMap((each) => each.latencies);
  const peaks = halves.map(({ aboveStart }) => aboveStart);
  return [
    {
      name: '(l) longest sign-in from a known device in a flood of unknown clients',
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

/** One complete sign-in over a new connection. @returns its duration in milliseconds */
type SignIn = () => Promise<number>;

/** Signs in once, and keeps the cookies that a browser keeps when it is closed. */
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
  let hasEnded = false;
  const stop = () => {
    hasEnded = true;
  };
  end.then(stop, stop);
  const latencies: number[] = [];
  while (!hasEnded) {
    latencies.push(await signIn());
    await wait(PAUSE_MILLISECONDS);
  }
  return latencies;
}

function flood(
  unknownClients: UnknownClients,
  accounts: SignInAccounts,
  perSecond: number,
): Promise<Arrivals> {
  const call = () => unknownClients({ username: randomName(accounts), password: WRONG_PASSWORD });
  const callers = Array.from({ length: MAX_AT_ONCE }, () => ({ call, close: () => {} }));
  return callAtRate(callers, perSecond, HALF_MILLISECONDS);
}

/** Every second name belongs to no account. */
function randomName({ count, username }: SignInAccounts): string {
  const name = username(Math.floor(Math.random() * count));
  return Math.random() < 0.5 ? name : name.replace('member', 'absent');
}

function describeFlood(halves: readonly Arrivals[]): string {
  const perSecond = (status: number) => {
    const count = halves.reduce((sum, { countByStatus }) => sum + (countByStatus.get(status) ?? 0), 0);
    return `${((count * 1_000) / (halves.length * HALF_MILLISECONDS)).toFixed(0)}/s`;
  };
  const dropped = halves.reduce((sum, half) => sum + half.dropped, 0);
  return `unknown clients: ${perSecond(401)} refused after a hash, ${perSecond(503)} asked to wait, ${perSecond(429)} throttled, ${dropped} in all not sent for want of connections`;
}

function single(value: number) {
  return { median: value, least: value, most: value };
}
