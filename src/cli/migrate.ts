import type { Database } from '../auth/schema.ts';
import { migrations } from '../operations/migrations/all.ts';
import { systemClock } from '../platform/runtime/clock.ts';
import {
  migrate as applyMigrations,
  type MigrationStatus,
  migrationStatus,
} from '../platform/sql/migrate.ts';
import { isUnmade, openDatabase } from '../platform/sql/open.ts';
import { databaseFromEnvironment } from '../settings.ts';
import { type Command, jsonOption, UsageError } from './command.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Bring the database up to date; with --status, only tell what has been applied.',
  options: {
    up: { type: 'boolean', explanation: 'Apply what is missing (this is done without any option, too).' },
    status: { type: 'boolean', explanation: 'Change nothing; list the steps.' },
    json: jsonOption,
  },
  run: async ({ up, status, json }) => {
    if (up === true && status === true) throw new UsageError('Give either --up or --status');
    const { databaseUrl, poolLimits } = databaseFromEnvironment(process.env, process.cwd());
    // Looking makes nothing, not even an empty file.
    if (status === true && isUnmade(databaseUrl))
      return printStatus(
        migrations.map(({ number, name }) => ({ number, name, appliedAt: null })),
        json === true,
      );
    const database = openDatabase(databaseUrl, poolLimits);
    try {
      if (status === true) printStatus(await migrationStatus(database, migrations), json === true);
      else await apply(database, json === true);
    } finally {
      await database.close();
    }
  },
};

function printStatus(steps: readonly MigrationStatus[], asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(steps.map(withIsoTime)));
    return;
  }
  for (const { number, name, appliedAt } of steps) {
    const state = appliedAt === null ? 'pending' : `applied ${new Date(appliedAt).toISOString()}`;
    console.log(`${number}  ${name}: ${state}`);
  }
}

function withIsoTime({ appliedAt, ...step }: MigrationStatus) {
  return { ...step, appliedAt: appliedAt === null ? null : new Date(appliedAt).toISOString() };
}

async function apply(database: Database, asJson: boolean): Promise<void> {
  const applied = (await applyMigrations(database, migrations, systemClock())).map(({ number, name }) => ({
    number,
    name,
  }));
  if (asJson) return console.log(JSON.stringify(applied));
  if (applied.length === 0) console.log('The database is up to date.');
  for (const { number, name } of applied) console.log(`${number}  ${name}: applied`);
}
