// Side-by-side figures, each a ratio within this one run; prints a table and writes RESULTS.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../scripts/provide/free-port.ts';
import { measureEngines } from './engines/measure.ts';
import type { Target } from './figures/compare-servers.ts';
import type { Figure } from './figures/figure.ts';
import { measureFlood } from './figures/flood.ts';
import { measureFloodOfUnknownClients } from './figures/flood-of-unknown-clients.ts';
import { measureGrowth } from './figures/growth.ts';
import { measureHeldConnections } from './figures/held-connections.ts';
import { measureMetricsCost } from './figures/metrics-cost.ts';
import { measureSessionLookUps } from './figures/session-look-ups.ts';
import { measureSignInTiming } from './figures/sign-in-timing.ts';
import { measureSignIns } from './figures/sign-ins.ts';
import { watchNeighbours } from './machine.ts';
import { conditionsOf, reportOf, tableOf } from './report.ts';
import { hashOfPassword, SECRET_KEY, type SeededDatabase, seedDatabase } from './seed.ts';
import { type Subject, startProcess, startServer } from './subjects/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const running: Subject[] = [];
const neighbours = watchNeighbours();
const start = performance.now();
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
try {
  const { figures, otherProcessesShare } = await measure();
  console.log(`\n${tableOf(figures)}\n`);
  const run = { seconds: secondsSinceStart(), otherProcessesShare };
  console.log(`${conditionsOf(run)}\n`);
  writeFileSync(new URL('RESULTS.md', import.meta.url), reportOf(figures, run));
  say('done; written to bench/RESULTS.md');
} finally {
  await Promise.all(running.map(({ stop }) => stop()));
}

async function measure(): Promise<{
  readonly figures: readonly Figure[];
  readonly otherProcessesShare: number;
}> {
  const hash = hashOfPassword();
  const thousand = await seed(1_000, hash);
  const hundredThousand = await seed(100_000, hash);
  const million = await seed(1_000_000, hash);
  const latchkey = await startLatchkey('1 M', million);

  say('(b) session look-ups');
  const lookUps = await measureSessionLookUps(
    latchkey,
    await startByHand(million),
    await startHello(million),
  );
  say('(d) growth');
  const others = [await startLatchkey('1 k', thousand), await startLatchkey('100 k', hundredThousand)];
  const growth = await measureGrowth([...others, latchkey]);
  say('(a) sign-ins');
  const raw = keep(startProcess(['bench/subjects/raw-verification.ts'], folder));
  const signIns = await measureSignIns(latchkey.subject, raw, million.accounts, hash);
  // A measured process would only take memory and cores from the following ones.
  await stopRunning();
  say('(c) a flood of sign-ins');
  // A server of its own, so that its memory has not grown in earlier measurements.
  const flooded = await startLatchkey('flooded', million);
  const flood = await measureFlood(flooded.subject, million, signIns.perSecond);
  await stopRunning();
  const otherProcessesShare = neighbours.share();

  const fresh = await measureFreshServers({ thousand, hundredThousand, million }, signIns.perSecond);
  const bare = keep(startProcess(['bench/subjects/raw-verification.ts'], folder));
  const engines = await measureEngines({ folder, hash, raw: bare, say });
  const figures = [signIns.figure, ...lookUps, ...flood, growth, ...engines, ...fresh];
  return { figures, otherProcessesShare };
}

type Databases = Readonly<Record<'thousand' | 'hundredThousand' | 'million', SeededDatabase>>;

/** Each of these is measured on a server of its own, with no other running except the one it is compared with. */
async function measureFreshServers(
  { thousand, hundredThousand, million }: Databases,
  signInsPerSecond: number,
): Promise<readonly Figure[]> {
  say('(i) connections held');
  const held = await measureHeldConnections({
    latchkey: async () => (await startLatchkey('holding', thousand)).subject,
    hello: async () => (await startHello(thousand)).subject,
  });

  say('(j) the time of refused sign-ins');
  const timing = await measureSignInTiming((await startLatchkey('timed', million)).subject, million.accounts);
  await stopRunning();
  say('(k) the cost of metrics');
  const counted = await startLatchkey('with', thousand, { METRICS_PORT: String(await freePort()) });
  const cost = await measureMetricsCost(counted, await startLatchkey('without', thousand));
  await stopRunning();
  say('(l) a flood of unknown clients');
  const { subject, database } = await startLatchkey('besieged', hundredThousand);
  const unknownClients = await measureFloodOfUnknownClients(subject, database.accounts, signInsPerSecond);
  await stopRunning();
  return [held, timing, ...cost, ...unknownClients];
}

async function stopRunning(): Promise<void> {
  await neighbours.count(running);
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
}

async function seed(size: number, hash: string): Promise<SeededDatabase> {
  say(`filling a database with ${size.toLocaleString('en')} accounts and sessions`);
  return seedDatabase(join(folder, `${size}.db`), size, hash);
}

function startLatchkey(
  name: string,
  database: SeededDatabase,
  settings: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const environment = { DATABASE_URL: `sqlite:${database.path}`, SECRET_KEY, ...settings };
  return startTarget(name, ['bin/latchkey.js', 'serve'], environment, database);
}

function startByHand(database: SeededDatabase): Promise<Target> {
  return startTarget(
    'by hand',
    ['bench/subjects/bare-look-up.ts'],
    { DATABASE: database.path, SECRET_KEY },
    database,
  );
}

function startHello(database: SeededDatabase): Promise<Target> {
  return startTarget('hello', ['bench/subjects/hello.ts'], {}, database);
}

async function startTarget(
  name: string,
  script: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  database: SeededDatabase,
): Promise<Target> {
  return { name, subject: keep(await startServer(script, folder, environment)), database };
}

/** Stops a process at the end, unless the measurement has stopped it before. */
function keep(subject: Subject): Subject {
  const kept: Subject = {
    ...subject,
    stop: () => {
      const index = running.indexOf(kept);
      if (index !== -1) running.splice(index, 1);
      return subject.stop();
    },
  };
  running.push(kept);
  return kept;
}

function secondsSinceStart(): number {
  return (performance.now() - start) / 1_000;
}

function say(text: string): void {
  console.log(`${secondsSinceStart().toFixed(0).padStart(4)} s  ${text}`);
}
