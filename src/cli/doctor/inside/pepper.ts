import { type PepperUse, pepperUse } from '../../../features/passwords/index.ts';
import { DatabaseStartError } from '../../../platform/sql/database.ts';
import { checkSchema } from '../../../platform/sql/migrate.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { OpenedDatabase } from './database.ts';

const { ok, fault } = findingsOf('pepper');

/** Whether every stored hash can be verified with the peppers that are set. */
export const pepper: Check<OpenedDatabase> = {
  name: 'pepper',
  run: async ({ database, settings }) => {
    try {
      await checkSchema(database);
    } catch (error) {
      // What is wrong with the schema is told by a check of its own.
      if (error instanceof DatabaseStartError) return [];
      throw error;
    }
    const secrets = settings.passwordPepper ?? [];
    return judge(await pepperUse(database, secrets), secrets.length);
  },
};

function judge({ hashes, withNewest, withOlder, lost }: PepperUse, known: number): readonly Finding[] {
  const lostOnes =
    lost === 0
      ? []
      : [
          fault(
            `${lost} of ${hashes} password hashes were made with a pepper that is not set; their owners cannot sign in`,
            'bring the lost PASSWORD_PEPPER back, as new,old beside another; else those passwords have to be reset',
          ),
        ];
  if (known === 0) return [...lostOnes, ok('none is set: hashes are salted only')];
  const rest = hashes - withNewest - lost;
  const progress = `${withNewest} of ${hashes} password hashes have the newest`;
  const older = withOlder > 0 ? `; ${withOlder} need an older one, so keep it` : '';
  return [
    ...lostOnes,
    ok(rest === 0 ? progress : `${progress}${older}; the others get it at the next sign-in`),
  ];
}
