import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { readResources } from './resources.ts';

const MIB = 1024 * 1024;
const MACHINE = { cores: 32, memory: 64_000 * MIB, constrained: 0 };
const NONE = '9223372036854771712';

const V2 = '30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const v1 = (controllers: string, group = '/') =>
  `33 31 0:32 ${group} /sys/fs/cgroup/${controllers} ro,nosuid shared:9 - cgroup cgroup rw,${controllers}`;

type Case = {
  readonly title: string;
  readonly groups: string;
  readonly mounts: readonly string[];
  /** Below `/sys/fs/cgroup`. */
  readonly files: Readonly<Record<string, string>>;
  readonly machine?: Partial<typeof MACHINE>;
  /** Cores and MiB. */
  readonly expected: readonly [number, number];
};

const CASES: readonly Case[] = [
  {
    title: 'a machine without groups',
    groups: '',
    mounts: [],
    files: {},
    expected: [32, 64_000],
  },
  {
    title: 'a container with a namespace of its own',
    groups: '0::/',
    mounts: [V2],
    files: { 'memory.max': `${512 * MIB}\n`, 'cpu.max': '200000 100000\n' },
    expected: [2, 512],
  },
  {
    title: 'a container without limits',
    groups: '0::/',
    mounts: [V2],
    files: { 'memory.max': 'max\n', 'memory.high': 'max\n', 'cpu.max': 'max 100000\n' },
    expected: [32, 64_000],
  },
  {
    title: 'a soft limit below the hard one',
    groups: '0::/a',
    mounts: [V2],
    files: { 'a/memory.max': `${512 * MIB}`, 'a/memory.high': `${300 * MIB}` },
    expected: [32, 300],
  },
  {
    title: 'nested groups, of which one above has the least memory and another the fewest cores',
    groups: '0::/system.slice/latchkey.slice/latchkey.service',
    mounts: [V2],
    files: {
      'system.slice/memory.max': `${2_000 * MIB}`,
      'system.slice/cpu.max': '250000 100000',
      'system.slice/latchkey.slice/memory.max': `${700 * MIB}`,
      'system.slice/latchkey.slice/latchkey.service/memory.max': `${900 * MIB}`,
      'system.slice/latchkey.slice/latchkey.service/cpu.max': '400000 100000',
    },
    expected: [2, 700],
  },
  {
    title: 'less than one core',
    groups: '0::/',
    mounts: [V2],
    files: { 'cpu.max': '50000 100000' },
    expected: [1, 64_000],
  },
  {
    title: 'a period of another length',
    groups: '0::/',
    mounts: [V2],
    files: { 'cpu.max': '150000 50000' },
    expected: [3, 64_000],
  },
  {
    title: 'cgroup v1 without limits',
    groups: '4:memory:/\n2:cpu,cpuacct:/',
    mounts: [v1('memory'), v1('cpu,cpuacct')],
    files: { 'memory/memory.limit_in_bytes': NONE, 'cpu,cpuacct/cpu.cfs_quota_us': '-1' },
    expected: [32, 64_000],
  },
  {
    title: 'cgroup v1 with a group of its own',
    groups: '4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc',
    mounts: [v1('memory'), v1('cpu,cpuacct'), v1('name=systemd')],
    files: {
      'memory/docker/abc/memory.limit_in_bytes': `${256 * MIB}`,
      'memory/docker/memory.limit_in_bytes': NONE,
      'cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '400000',
      'cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000',
    },
    expected: [4, 256],
  },
  {
    title: 'cgroup v1 whose group is mounted as the root of a container',
    groups: '4:memory:/docker/abc\n2:cpu:/docker/abc',
    mounts: [v1('memory', '/docker/abc'), v1('cpu', '/docker/abc')],
    files: {
      'memory/memory.limit_in_bytes': `${384 * MIB}`,
      'cpu/cpu.cfs_quota_us': '300000',
      'cpu/cpu.cfs_period_us': '100000',
    },
    expected: [3, 384],
  },
  {
    title: 'cgroup v1 for memory and v2 beside it',
    groups: '4:memory:/\n0::/x',
    mounts: [v1('memory'), V2.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified')],
    files: { 'memory/memory.limit_in_bytes': `${400 * MIB}`, 'unified/x/cpu.max': '500000 100000' },
    expected: [5, 400],
  },
  {
    title: 'a group that lies outside of what is mounted',
    groups: '0::/../other',
    mounts: [V2],
    files: { 'memory.max': `${600 * MIB}` },
    expected: [32, 600],
  },
  {
    title: 'a limit that only Node.js knows, or more than there is',
    groups: '0::/',
    mounts: [V2],
    files: { 'memory.max': `${90_000 * MIB}` },
    machine: { constrained: 450 * MIB },
    expected: [32, 450],
  },
  {
    title: 'a small machine',
    groups: '0::/',
    mounts: [V2],
    files: { 'memory.max': 'max' },
    machine: { cores: 2, memory: 480 * MIB, constrained: 18_446_744_073_709_552_000 },
    expected: [2, 480],
  },
  {
    title: 'files that make no sense',
    groups: 'nonsense\n0::/',
    mounts: ['nonsense', V2],
    files: { 'memory.max': 'lots', 'cpu.max': '0 0' },
    expected: [32, 64_000],
  },
];

describe('the resources of a process', () => {
  for (const { title, groups, mounts, files, machine, expected } of CASES) {
    it(`P65: are what its container allows: ${title}`, () => {
      using folder = temporaryFolder();
      const all = {
        'proc/self/cgroup': `${groups}\n`,
        'proc/self/mountinfo': `${mounts.join('\n')}\n`,
        ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text])),
      };
      for (const [name, text] of Object.entries(all)) {
        mkdirSync(dirname(join(folder.path, name)), { recursive: true });
        writeFileSync(join(folder.path, name), text);
      }
      const { cores, memory } = readResources(folder.path, { ...MACHINE, ...machine });
      assert.deepEqual([cores, memory / MIB], expected);
    });
  }

  it('are those of the machine where there are no such files', () => {
    using folder = temporaryFolder();
    assert.deepEqual(readResources(folder.path, MACHINE), { cores: 32, memory: 64_000 * MIB });
    const { cores, memory } = readResources();
    assert.ok(cores >= 1 && Number.isSafeInteger(memory));
  });
});
