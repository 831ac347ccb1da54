import { migrationStatus, refuseUnfinishedCopy } from '../../../platform/sql/migrate.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { OpenedDatabase } from './database.ts';
import { startFault } from './start-fault.ts';

const { ok, warning, fault } = findingsOf('schema');

/** Whether the schema is the one that this version knows, and whole. */
export const schema: Check<OpenedDatabase> = {
  name: 'schema',
  run: async (opened) => {
    try {
      return [await look(opened)];
    } catch (error) {
      return [startFault('schema', error)];
    }
  },
};

async function look({ database, settings }: OpenedDatabase): Promise<Finding> {
  const steps = await migrationStatus(database);
  const pending = steps.flatMap(({ number, appliedAt }) => (appliedAt === null ? [number] : []));
  if (pending.length > 0) {
    const what = `lacks step ${pending.join(', ')}`;
    return settings.migrate === 'manual'
      ? fault(what, 'run: latchkey migrate --up')
      : warning(what, 'the next start of the server applies it; or run: latchkey migrate --up');
  }
  await refuseUnfinishedCopy(database);
  return ok(`all ${steps.length} steps are applied`);
}
