import type { Database } from '../../auth/schema.ts';
import { pepperUse } from '../../features/passwords/index.ts';
import { migrations } from '../../latchkey.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import {
  checkSchema,
  DatabaseStartError,
  isDatabaseMissing,
  migrationStatus,
  type OpenDatabase,
  openDatabase,
  refuseUnfinishedCopy,
} from '../../platform/sql/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import { type Check, type Finding, type Report, runChecks } from './findings.ts';

type ConfiguredDatabase = { readonly settings: GivenValues; readonly pool: OpenDatabase | undefined };

export type OpenedDatabase = { readonly database: Database; readonly settings: GivenValues };

/** Whether the database answers. Runs the checks of its content if it does. */
export async function checkDatabase(
  { settings, pool }: ConfiguredDatabase,
  report: Report,
  contentChecks: Readonly<Record<string, Check<OpenedDatabase>>>,
): Promise<readonly Finding[]> {
  const { databaseUrl, databaseOptions } = settings;
  if (pool === undefined && isDatabaseMissing(databaseUrl)) {
    const fix = 'start the server once, or run latchkey migrate, in the folder where it is to be';
    return [report.warning('there is none yet', fix)];
  }
  try {
    const database: Database = pool?.(databaseOptions) ?? openDatabase(databaseUrl, databaseOptions);
    try {
      const response = await checkResponse(database, report);
      if (response.verdict === 'fault') return [response];
      return [response, ...(await runChecks(contentChecks, { database, settings }))];
    } finally {
      await database.close();
    }
  } catch (error) {
    return [reportStartError(error, report)];
  }
}

/** What keeps the server from starting, as a finding. @throws any other error */
function reportStartError(error: unknown, { fault }: Report): Finding {
  if (!(error instanceof DatabaseStartError)) throw error;
  // The message is one line without credentials: the setting, the problem and usually the fix.
  const [, setting, what = '', fix] = /^([\w.]+): (.*?)(?:; (.*))?$/.exec(error.message) ?? [];
  return fault(what, fix ?? `see that ${setting} names the right database`);
}

const ROUNDS = 5;

/** Every request of a signed-in user waits for at least one query. Milliseconds. */
const SLOW = 50;

async function checkResponse(database: Database, { ok, warning, fault }: Report): Promise<Finding> {
  const times: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      await database.ping();
      times.push(performance.now() - start);
    }
  } catch (error) {
    const reason = database.explain(error) ?? 'it does not answer';
    return fault(
      reason,
      `see that it runs, and that ${database.setting} names its address, user and password`,
    );
  }
  const median = times.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
  const what = `${database.location} answers in ${median.toFixed(1)} ms`;
  if (median < SLOW) return ok(what);
  return warning(what, 'bring server and database closer together; most requests wait for it');
}

/** Whether a setting of the server puts at risk what it has confirmed. */
export async function checkSettings(
  { database }: OpenedDatabase,
  report: Report,
): Promise<readonly Finding[]> {
  const risks = await database.findRisks();
  return risks.map(({ what, fix }) => report.warning(what, fix));
}

/** Whether the schema is complete and of this version. */
export async function checkTables({ database, settings }: OpenedDatabase, report: Report): Promise<Finding> {
  try {
    const steps = await migrationStatus(database, migrations);
    const pending = steps.flatMap(({ number, appliedAt }) => (appliedAt === null ? [number] : []));
    if (pending.length === 0) {
      await refuseUnfinishedCopy(database);
      return report.ok(`all ${steps.length} steps are applied`);
    }
    const what = `lacks step ${pending.join(', ')}`;
    return settings.migrate === 'manual'
      ? report.fault(what, 'run: latchkey migrate --up')
      : report.warning(what, 'the next start of the server applies it; or run: latchkey migrate --up');
  } catch (error) {
    return reportStartError(error, report);
  }
}

const NOTABLE_SKEW = 2 * SECOND;
/** A third of the time for which a replaced session token still works. */
const HARMFUL_SKEW = 10 * SECOND;

/** Whether the clocks of this machine and the database agree. Stored times are those of the nodes’ clocks. */
export async function checkClock(
  { database }: OpenedDatabase,
  { ok, warning, fault }: Report,
  readSkew: (database: Database) => Promise<number | null> = measureSkew,
): Promise<Finding> {
  const skew = await readSkew(database);
  if (skew === null) return ok('the database is on this machine’s clock');
  const seconds = (Math.abs(skew) / SECOND).toFixed(1);
  const what = `${seconds} s ${skew < 0 ? 'ahead of' : 'behind'} the database’s`;
  const fix = 'let chrony or systemd-timesyncd set the clocks of all machines; sessions end by them';
  if (Math.abs(skew) > HARMFUL_SKEW) return fault(what, fix);
  return Math.abs(skew) > NOTABLE_SKEW ? warning(what, fix) : ok(`within ${seconds} s of the database’s`);
}

/** By how many milliseconds the database’s clock is ahead; null if it has no clock of its own. */
async function measureSkew(database: Database): Promise<number | null> {
  const before = Date.now();
  const time = await database.readClock();
  // The database read its clock between the two moments.
  return time === null ? null : time - (before + Date.now()) / 2;
}

/** Whether the configured peppers can verify every stored hash. */
export async function checkPepper(
  { database, settings }: OpenedDatabase,
  { ok, fault }: Report,
): Promise<readonly Finding[]> {
  try {
    await checkSchema(database, migrations);
  } catch (error) {
    // The check of the schema reports it.
    if (error instanceof DatabaseStartError) return [];
    throw error;
  }
  const secrets = settings.passwordPepper ?? [];
  const { hashes, withNewest, withOlder, lost } = await pepperUse(database, secrets);
  const lostHashes = fault(
    `${lost} of ${hashes} password hashes were made with a pepper that is not set; their owners cannot sign in`,
    'bring the lost PASSWORD_PEPPER back, as new,old beside another; else those passwords have to be reset',
  );
  const progress = `${withNewest} of ${hashes} password hashes have the newest`;
  const older = withOlder > 0 ? `; ${withOlder} need an older one, so keep it` : '';
  const isComplete = hashes === withNewest + lost;
  const rotation = isComplete ? progress : `${progress}${older}; the others get it at the next sign-in`;
  return [
    ...(lost === 0 ? [] : [lostHashes]),
    ok(secrets.length === 0 ? 'none is set: hashes are salted only' : rotation),
  ];
}
