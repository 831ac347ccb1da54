import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DATABASE_OPTIONS } from '../../../tests/kit/databases.ts';
import { openDatabase } from '../../platform/sql/index.ts';
import { givenSettings } from '../../read-settings.ts';
import { checkClock } from './database.ts';
import { reportFor } from './findings.ts';

/** @param skew by how many milliseconds the database’s clock is ahead; null if it has none of its own */
async function checkSkew(skew: number | null) {
  const database = openDatabase('sqlite::memory:', DATABASE_OPTIONS);
  const settings = givenSettings({}, '/nowhere');
  try {
    return await checkClock({ database, settings }, reportFor('clock'), async () => skew);
  } finally {
    await database.close();
  }
}

describe('the doctor’s check of the clock skew', () => {
  it('P14 passes up to two seconds, warns above that and fails above ten', async () => {
    const cases = [
      ['ok', [null, 0, 2_000, -2_000]],
      ['warning', [2_001, -2_001, 10_000]],
      ['fault', [10_001, -10_001, 86_400_000]],
    ] as const;
    for (const [verdict, skews] of cases)
      for (const skew of skews) assert.equal((await checkSkew(skew)).verdict, verdict, `${skew}`);
  });

  it('reports which of the two clocks is ahead', async () => {
    assert.equal((await checkSkew(5_000)).what, '5.0 s behind the database’s');
    assert.equal((await checkSkew(-61_500)).what, '61.5 s ahead of the database’s');
  });
});
