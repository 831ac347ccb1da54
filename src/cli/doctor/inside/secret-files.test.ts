import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { givenSettings } from '../../../settings.ts';
import { secretFiles } from './secret-files.ts';

const PEPPER = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';

describe('the doctor’s check of secret files', () => {
  it('reports a secret file that other users can read or change', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'pepper');
    writeFileSync(path, PEPPER);
    const settings = givenSettings({ SECRET_KEY, PASSWORD_PEPPER_FILE: path }, folder.path);
    const cases = [
      [0o600, 'ok', `PASSWORD_PEPPER_FILE: ${path} is private`],
      [0o640, 'warning', `PASSWORD_PEPPER_FILE: its group can read ${path}`],
      [0o644, 'fault', `PASSWORD_PEPPER_FILE: everybody on this machine can read ${path}`],
      [0o620, 'fault', `PASSWORD_PEPPER_FILE: others can change ${path}`],
    ] as const;
    for (const [mode, verdict, what] of cases) {
      chmodSync(path, mode);
      const findings = await secretFiles.run(settings);
      assert.deepEqual(
        findings.map((finding) => [finding.verdict, finding.what]),
        [[verdict, what]],
      );
    }
  });

  it('accepts a readable .env that holds no secret, but not a writable one', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, '.env');
    writeFileSync(path, `SITE_NAME=Hello\nSECRET_KEY_FILE=${join(folder.path, 'missing')}\n`);
    const verdicts = async (mode: number) => {
      chmodSync(path, mode);
      const findings = await secretFiles.run(givenSettings({ SECRET_KEY }, folder.path));
      return findings.map(({ verdict }) => verdict);
    };
    assert.deepEqual(await verdicts(0o644), ['ok']);
    assert.deepEqual(await verdicts(0o664), ['fault'], 'others can set what they like');
  });

  it('reports a readable .env with a secret in it, except in production, where .env is not read', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, '.env');
    writeFileSync(path, `SECRET_KEY=${SECRET_KEY}\n`);
    chmodSync(path, 0o644);
    const [finding, ...more] = await secretFiles.run(givenSettings({}, folder.path));
    assert.deepEqual([finding?.verdict, more], ['fault', []]);
    assert.match(String(finding?.what), /^\.env: everybody/);
    const production = givenSettings({ SECRET_KEY, BASE_URL: 'https://login.example.org' }, folder.path);
    assert.deepEqual(await secretFiles.run(production), []);
  });
});
