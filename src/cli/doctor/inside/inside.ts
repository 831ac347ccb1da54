import type { Database } from '../../../platform/sql/database.ts';
import { isUnmade, openDatabase } from '../../../platform/sql/open.ts';
import type { GivenValues } from '../../../settings.ts';
import { type Check, runChecks } from '../check.ts';
import type { Finding } from '../finding.ts';
import { clock } from './clock.ts';
import { database, type OpenedDatabase, unmade } from './database.ts';
import { databaseFiles } from './database-files.ts';
import { hashing } from './hashing.ts';
import { mail } from './mail.ts';
import { pepper } from './pepper.ts';
import { redis } from './redis.ts';
import { schema } from './schema.ts';
import { secretFiles } from './secret-files.ts';
import { secrets } from './secrets.ts';
import { startFault } from './start-fault.ts';

// Before the database is opened, which would mend the mode of its files.
const ofTheMachine: readonly Check<GivenValues>[] = [
  secrets,
  secretFiles,
  databaseFiles,
  hashing,
  redis,
  mail,
];

const ofTheDatabase: readonly Check<OpenedDatabase>[] = [schema, clock, pepper];

/** Looks at a deployment from where it runs. Nothing is made, and nothing changed but the mode of a database's file. */
export async function lookFromInside(settings: GivenValues): Promise<readonly Finding[]> {
  const findings = await runChecks(ofTheMachine, settings);
  if (isUnmade(settings.databaseUrl)) return [...findings, unmade];
  return [...findings, ...(await runChecks([databaseAndAllInIt], settings))];
}

const databaseAndAllInIt: Check<GivenValues> = {
  name: database.name,
  run: async (settings) => {
    try {
      return await lookInto(openDatabase(settings.databaseUrl, settings.poolLimits), settings);
    } catch (error) {
      return [startFault(database.name, error)];
    }
  },
};

async function lookInto(opened: Database, settings: GivenValues): Promise<readonly Finding[]> {
  const subject = { database: opened, settings };
  try {
    const answer = await runChecks([database], subject);
    const isThere = answer.every(({ verdict }) => verdict !== 'fault');
    return isThere ? [...answer, ...(await runChecks(ofTheDatabase, subject))] : answer;
  } finally {
    await opened.close();
  }
}
