import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { holdConnections } from '../load/hold.ts';
import { spreadOf } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';

const CONNECTIONS = 10_000;
/** Other files that a process has open. */
const RESERVE = 200;
const ROUNDS = 3;
const KILOBYTE = 1_024;
const SETTLING_TIME = 1_000;

/** Starts a separate server for each round, because a server that has held connections keeps the memory. */
export type Starts = {
  readonly latchkey: () => Promise<Subject>;
  readonly hello: () => Promise<Subject>;
};

/** (i) The memory of each idle kept-alive connection, beside a bare `node:http` server. */
export async function measureHeldConnections({ latchkey, hello }: Starts): Promise<Figure> {
  const count = Math.min(CONNECTIONS, openFilesLimit() - RESERVE);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await kilobytesEach(hello, count));
    ours.push(await kilobytesEach(latchkey, count));
  }
  const [measured, beside] = [spreadOf(ours), spreadOf(bare)];
  const whole = Math.round((measured.median * count) / KILOBYTE);
  return {
    name: `(i) memory for each of ${count.toLocaleString('en')} connections held`,
    measured,
    unit: ' KB',
    goal: null,
    absolute: `${whole} MB for all, none lost; hello ${beside.median.toFixed(0)} KB each`,
  };
}

async function kilobytesEach(start: () => Promise<Subject>, count: number): Promise<number> {
  const subject = await start();
  try {
    // The first request allocates memory that does not belong to the connections.
    await (await holdConnections(subject.port, 1)).close();
    const before = await subject.usage();
    const held = await holdConnections(subject.port, count);
    // By now the garbage of opening them has been collected.
    await wait(SETTLING_TIME);
    const after = await subject.usage();
    if (held.lost() > 0) throw new Error(`${held.lost()} of ${count} connections were lost`);
    await held.close();
    return (after.residentBytes - before.residentBytes) / KILOBYTE / count;
  } finally {
    await subject.stop();
  }
}

/** How many files this process may open; its child processes may open as many. */
function openFilesLimit(): number {
  const limits = z.object({ userLimits: z.object({ open_files: z.object({ soft: z.unknown() }) }) });
  const report = limits.safeParse(process.report.getReport());
  const soft = report.success ? Number(report.data.userLimits.open_files.soft) : Number.NaN;
  return Number.isNaN(soft) ? Number.POSITIVE_INFINITY : soft;
}
