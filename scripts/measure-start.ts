// Measures the cold start of an application with SQLite: the build in dist as it is, and with every package loaded that is
// otherwise loaded on demand. Both alternate in one run, so that the load of the machine is the same for both. What is
// private is no page of a file such as the program of Node.js, which all processes share (Linux alone says).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { z } from 'zod';

const ROUNDS = 9;
const ON_DEMAND = ['@redis/client', 'mysql2', 'pg', 'nodemailer', 'openid-client', 'jose', 'prom-client'];

const measured = z.object({ milliseconds: z.number(), resident: z.number(), own: z.number() });
type Measured = z.infer<typeof measured>;

const startWith = (packages: readonly string[]) => `
  const start = performance.now();
  for (const name of ${JSON.stringify(packages)}) await import(name);
  const { createLatchkey } = await import('latchkey');
  const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', logLevel: 'silent' });
  await latchkey.ready;
  report(performance.now() - start);
  await latchkey.close();
`;

/** Prints what has been measured; memory in MiB. */
const REPORT = `
  import { readFileSync } from 'node:fs';
  function report(milliseconds) {
    const resident = process.memoryUsage.rss() / 2 ** 20;
    const own = ${existsSync('/proc/self/status') ? "Number(/RssAnon:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 2 ** 10" : 'resident'};
    console.log(JSON.stringify({ milliseconds, resident, own }));
  }
`;

const bare = 'report(0)';
const starts = { 'on demand': startWith([]), 'all loaded': startWith(ON_DEMAND), 'bare Node.js': bare };
const results = Object.entries(starts).map(([name, code]) => ({
  name,
  code,
  runs: [] as Measured[],
}));
for (let round = 0; round < ROUNDS; round += 1)
  for (const { code, runs } of results) runs.push(runOnce(code));

for (const { name, runs } of results) {
  const [time, memory, own] = (['milliseconds', 'resident', 'own'] as const).map((what) =>
    median(runs.map((run) => run[what])),
  );
  console.log(
    `${name}: ${time?.toFixed(0)} ms, ${memory?.toFixed(0)} MiB, ${own?.toFixed(0)} of them private (medians of ${ROUNDS})`,
  );
}

function runOnce(code: string): Measured {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', REPORT + code], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return measured.parse(JSON.parse(stdout));
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
