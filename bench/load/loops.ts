import type { Caller } from './caller.ts';

/** How many requests got the expected response, and the total time. */
export type Throughput = {
  readonly count: number;
  readonly milliseconds: number;
  readonly perSecond: number;
};

/**
 * Every caller sends its next request as soon as it has the response to the previous one.
 * @throws if a response has an unexpected status
 */
export async function callInTurn(
  callers: readonly Caller[],
  milliseconds: number,
  expectedStatus: number,
): Promise<Throughput> {
  const start = performance.now();
  let count = 0;
  const repeat = async ({ call }: Caller) => {
    while (performance.now() - start < milliseconds) {
      const { status } = await call();
      if (status !== expectedStatus) throw new Error(`expected status ${expectedStatus}, got ${status}`);
      count += 1;
    }
  };
  await Promise.all(callers.map(repeat));
  const taken = performance.now() - start;
  return { count, milliseconds: taken, perSecond: (count * 1_000) / taken };
}

export type Arrivals = {
  /** The latency of each answered request, in milliseconds. */
  readonly latencies: readonly number[];
  readonly countByStatus: ReadonlyMap<number, number>;
  /** Requests that were due while every caller still waited for a response, and therefore were not sent. */
  readonly dropped: number;
};

/** @throws if a response has an unexpected status */
export function requireStatus({ countByStatus }: Arrivals, expected: number): void {
  for (const status of countByStatus.keys()) {
    if (status !== expected) throw new Error(`expected status ${expected}, got ${status}`);
  }
}

/**
 * Sends requests at random times with a given rate, however long the responses take: a slow response delays no other
 * request, and hides none that would have been slow with it.
 */
export async function callAtRate(
  callers: readonly Caller[],
  perSecond: number,
  milliseconds: number,
): Promise<Arrivals> {
  const idle = [...callers];
  const latencies: number[] = [];
  const countByStatus = new Map<number, number>();
  const underway = new Set<Promise<void>>();
  let dropped = 0;
  const send = async (caller: Caller) => {
    const start = performance.now();
    const { status } = await caller.call();
    latencies.push(performance.now() - start);
    countByStatus.set(status, (countByStatus.get(status) ?? 0) + 1);
    idle.push(caller);
  };
  await atRandomMoments(perSecond, milliseconds, () => {
    const caller = idle.shift();
    if (caller === undefined) {
      dropped += 1;
      return;
    }
    const sent = send(caller);
    underway.add(sent);
    sent.finally(() => underway.delete(sent)).catch(() => {});
  });
  await Promise.all(underway);
  return { latencies, countByStatus, dropped };
}

/** Arrival times of many independent clients: the gaps between them are exponentially distributed. */
function atRandomMoments(perSecond: number, milliseconds: number, act: () => void): Promise<void> {
  const gap = () => (-Math.log(1 - Math.random()) * 1_000) / perSecond;
  const start = performance.now();
  let next = start + gap();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      for (; next <= now; next += gap()) act();
      if (now - start < milliseconds) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}
