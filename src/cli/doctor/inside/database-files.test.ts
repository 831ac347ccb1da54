import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { givenSettings } from '../../../settings.ts';
import { databaseFiles } from './database-files.ts';

/** What is found of a database file and its folder that have these modes. */
async function verdicts(fileMode: number, folderMode: number, logMode = 0o600) {
  using temporary = temporaryFolder();
  const folder = join(temporary.path, 'data');
  const file = join(folder, 'latchkey.db');
  mkdirSync(folder);
  for (const [path, mode] of [
    [file, fileMode],
    [`${file}-wal`, logMode],
  ] as const) {
    writeFileSync(path, '');
    chmodSync(path, mode);
  }
  chmodSync(folder, folderMode);
  const settings = givenSettings({ SECRET_KEY, DATABASE_URL: `sqlite:${file}` }, temporary.path);
  const findings = await databaseFiles.run(settings);
  return findings.slice(0, 3).map(({ verdict }) => verdict);
}

describe('the doctor’s check of the database files', () => {
  it('reports files and folders that other users can access', async () => {
    assert.deepEqual(await verdicts(0o600, 0o700), ['ok', 'ok', 'ok']);
    for (const mode of [0o640, 0o604, 0o660]) {
      assert.deepEqual(await verdicts(mode, 0o700), ['fault', 'ok', 'ok'], mode.toString(8));
      assert.deepEqual(await verdicts(0o600, 0o700, mode), ['ok', 'fault', 'ok'], mode.toString(8));
    }
    assert.deepEqual(await verdicts(0o600, 0o755), ['ok', 'ok', 'warning']);
    assert.deepEqual(await verdicts(0o600, 0o770), ['ok', 'ok', 'fault']);
  });

  it('finds nothing where there are no database files', async () => {
    for (const DATABASE_URL of [
      'sqlite::memory:',
      'postgres://ada@localhost/latchkey',
      'sqlite:/nowhere/x.db',
    ])
      assert.deepEqual(await databaseFiles.run(givenSettings({ SECRET_KEY, DATABASE_URL }, '/nowhere')), []);
  });
});
