import { migrations } from '../latchkey.ts';
import { type Command, type Result, UsageError } from '../platform/command-line/index.ts';
import { systemClock } from '../platform/runtime/index.ts';
import { migrate as applyMigrations, type MigrationStatus, migrationStatus } from '../platform/sql/index.ts';
import { databaseFromEnvironment } from '../read-settings.ts';
import { environment, isConfiguredDatabaseMissing, openConfiguredDatabase } from './configuration.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Bring the database up to date; with --status, only list what has been applied.',
  options: {
    up: { type: 'boolean', explanation: 'Apply what is missing (the default).' },
    status: { type: 'boolean', explanation: 'Change nothing; list the steps.' },
  },
  run: async ({ up, status }) => {
    if (up === true && status === true) throw new UsageError('Give either --up or --status');
    const { databaseUrl, databaseOptions } = databaseFromEnvironment(environment(), process.cwd());
    // Opening the database would create an empty file.
    if (status === true && isConfiguredDatabaseMissing(databaseUrl))
      return describeStatus(migrations.map(({ number, name }) => ({ number, name, appliedAt: null })));
    const database = openConfiguredDatabase(databaseUrl, databaseOptions);
    try {
      if (status === true) return describeStatus(await migrationStatus(database, migrations));
      const applied = await applyMigrations(database, migrations, systemClock());
      const lines = applied.map(({ number, name }) => `${number}  ${name}: applied`);
      const text = applied.length === 0 ? 'The database is up to date.' : lines;
      return { json: applied.map(({ number, name }) => ({ number, name })), text };
    } finally {
      await database.close();
    }
  },
};

function describeStatus(steps: readonly MigrationStatus[]): Result {
  const json = steps.map(({ appliedAt, ...step }) => {
    return { ...step, appliedAt: appliedAt === null ? null : new Date(appliedAt).toISOString() };
  });
  const text = json.map(({ number, name, appliedAt }) => {
    return `${number}  ${name}: ${appliedAt === null ? 'pending' : `applied ${appliedAt}`}`;
  });
  return { json, text };
}
