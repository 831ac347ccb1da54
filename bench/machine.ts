import { cpus } from 'node:os';
import type { Subject } from './subjects/start.ts';

/**
 * Measures the share of the CPU that other processes use. That affects both sides of a ratio, but not always evenly: a
 * run beside a busy process is worth little, and the report should say so.
 */
export function watchNeighbours() {
  const start = { busy: busyMilliseconds(), all: allMilliseconds() };
  let ours = 0;
  return {
    /** Adds the CPU time of processes of the bench, before they are stopped. */
    count: async (subjects: readonly Subject[]): Promise<void> => {
      const usages = await Promise.all(subjects.map(({ usage }) => usage()));
      for (const { cpuMilliseconds } of usages) ours += cpuMilliseconds;
    },
    /** The share of the machine's CPU time that other processes used since the start, from 0 to 1. */
    share: (): number => {
      const { user, system } = process.cpuUsage();
      const others = busyMilliseconds() - start.busy - ours - (user + system) / 1_000;
      return Math.max(0, others) / (allMilliseconds() - start.all);
    },
  };
}

function busyMilliseconds(): number {
  return sumOver(({ user, nice, sys, irq }) => user + nice + sys + irq);
}

function allMilliseconds(): number {
  return sumOver(({ user, nice, sys, irq, idle }) => user + nice + sys + irq + idle);
}

function sumOver(value: (times: ReturnType<typeof cpus>[number]['times']) => number): number {
  return cpus().reduce((sum, { times }) => sum + value(times), 0);
}
