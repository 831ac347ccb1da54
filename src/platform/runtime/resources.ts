import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { resultOrNull } from './result-or-null.ts';

/** What this process may use of its machine. */
export type Resources = {
  /** How many threads can compute at once. */
  readonly cores: number;
  /** In bytes: what the container may have, or all of the machine. */
  readonly memory: number;
};

/** What Node.js knows. It follows some of the limits of a container, depending on its version and the engine. */
export type Machine = Resources & {
  /** In bytes; 0, or more than there is, where Node.js knows of no limit. */
  readonly constrained: number;
};

/**
 * Reads what this process may use. A group of processes cannot have more than the groups above it, so the smallest limit on
 * the way up counts: `memory.max`, `memory.high` and `cpu.max` of cgroup v2, and their counterparts of v1. Part of a core
 * is none: threads that compute all the time would use up the quota, and the whole process would be stopped for the rest of
 * its period.
 * They are read once for each process.
 * @param root of another file system, for tests
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function readResources(root?: string, machine: Machine = thisMachine()): Resources {
  if (root !== undefined) return resourcesUnder(root, machine);
  own ??= resourcesUnder('/', machine);
  return own;
}

let own: Resources | undefined;

function resourcesUnder(root: string, machine: Machine): Resources {
  const { memory, quota } = limitsOf(root);
  const constrained = machine.constrained > 0 ? machine.constrained : Number.POSITIVE_INFINITY;
  return {
    cores: Math.max(1, Math.min(machine.cores, Math.floor(quota))),
    memory: Math.min(machine.memory, constrained, memory),
  };
}

function thisMachine(): Machine {
  return { cores: availableParallelism(), memory: totalmem(), constrained: process.constrainedMemory() };
}

/** The limits of the groups of this process, infinite where there are none. */
function limitsOf(root: string) {
  const read = (path: string) => resultOrNull(() => readFileSync(join(root, path), 'utf8')) ?? '';
  const groups = groupsIn(read('/proc/self/cgroup'));
  let memory = Number.POSITIVE_INFINITY;
  let quota = Number.POSITIVE_INFINITY;
  for (const mount of mountsIn(read('/proc/self/mountinfo'))) {
    for (const folder of foldersOf(mount, groups)) {
      const textOf = (name: string) => read(`${folder}/${name}`);
      for (const name of ['memory.max', 'memory.high', 'memory.limit_in_bytes'])
        memory = Math.min(memory, limitIn(textOf(name)));
      const [allowed = '', period = ''] = textOf('cpu.max').split(' ');
      quota = Math.min(
        quota,
        quotaIn(allowed, period),
        quotaIn(textOf('cpu.cfs_quota_us'), textOf('cpu.cfs_period_us')),
      );
    }
  }
  return { memory, quota };
}

/** The group of this process by controller; that of cgroup v2 has the empty name. */
function groupsIn(text: string): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const [, controllers = '', path = ''] of text.matchAll(/^\d+:([^:]*):(.*)$/gm))
    for (const controller of controllers.split(',')) groups.set(controller, path);
  return groups;
}

type Mount = { readonly group: string; readonly folder: string; readonly controllers: readonly string[] };

/** Where groups are mounted: from which group on, at which folder. @see proc_pid_mountinfo(5) */
function mountsIn(text: string): readonly Mount[] {
  const rows = text.matchAll(/^\d+ \d+ \S+ (\S+) (\S+) .*? - (cgroup2?) \S+ (\S+)$/gm);
  return [...rows].flatMap(([, group = '', folder = '', type, options = '']) => {
    if (type === 'cgroup2') return [{ group, folder, controllers: [''] }];
    const controllers = options.split(',').filter((option) => option === 'memory' || option === 'cpu');
    return controllers.length === 0 ? [] : [{ group, folder, controllers }];
  });
}

/** The folder of this process's group, and those above it that the container sees. */
function foldersOf({ group, folder, controllers }: Mount, groups: ReadonlyMap<string, string>) {
  return controllers.flatMap((controller) => {
    const own = groups.get(controller) ?? '/';
    const prefix = group === '/' ? '' : group;
    // Without a namespace for groups, a container sees its own at the mount, under the name that the machine gave it.
    const path = own === prefix || own.startsWith(`${prefix}/`) ? own.slice(prefix.length) : '';
    const parts = path.split('/').filter((part) => part !== '' && part !== '..');
    return [parts, ...parts.map((_, index) => parts.slice(0, index))].map((part) => join(folder, ...part));
  });
}

// `max`, -1, and a number near the largest one of the machine say that there is no limit.
function limitIn(text: string): number {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  return number > 0 && number < Number.MAX_SAFE_INTEGER ? number : Number.POSITIVE_INFINITY;
}

function quotaIn(allowed: string, period: string): number {
  const length = limitIn(period);
  return Number.isFinite(length) ? limitIn(allowed) / length : Number.POSITIVE_INFINITY;
}
