// Measures the cold start of an application with SQLite: the build in dist as it is, and with every package loaded that is
// otherwise loaded on demand. Both alternate in one run, so that the load of the machine is the same for both.
import { spawnSync } from 'node:child_process';
import { z } from 'zod';

const ROUNDS = 9;
const ON_DEMAND = ['@redis/client', 'mysql2', 'pg', 'nodemailer', 'openid-client', 'jose', 'prom-client'];

const measured = z.object({ milliseconds: z.number(), mebibytes: z.number() });
type Measured = z.infer<typeof measured>;

const startWith = (packages: readonly string[]) => `
  const start = performance.now();
  for (const name of ${JSON.stringify(packages)}) await import(name);
  const { createLatchkey } = await import('latchkey');
  const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', logLevel: 'silent' });
  await latchkey.ready;
  const milliseconds = performance.now() - start;
  console.log(JSON.stringify({ milliseconds, mebibytes: process.memoryUsage.rss() / 2 ** 20 }));
  await latchkey.close();
`;

const bare =
  'console.log(JSON.stringify({ milliseconds: 0, mebibytes: process.memoryUsage.rss() / 2 ** 20 }))';
const starts = { 'on demand': startWith([]), 'all loaded': startWith(ON_DEMAND), 'bare Node.js': bare };
const results = Object.entries(starts).map(([name, code]) => ({
  name,
  code,
  runs: [] as Measured[],
}));
for (let round = 0; round < ROUNDS; round += 1)
  for (const { code, runs } of results) runs.push(runOnce(code));

for (const { name, runs } of results) {
  const [time, memory] = [runs.map((run) => run.milliseconds), runs.map((run) => run.mebibytes)].map(median);
  console.log(`${name}: ${time?.toFixed(0)} ms, ${memory?.toFixed(0)} MiB (medians of ${ROUNDS})`);
}

function runOnce(code: string): Measured {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return measured.parse(JSON.parse(stdout));
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
