import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { newSecret } from '../../platform/settings/strong-secret.ts';
import { givenSettings } from '../../read-settings.ts';
import { type Finding, reportFor } from './findings.ts';
import {
  checkDatabaseFiles,
  checkHashing,
  checkMinimumLength,
  checkSecretFiles,
  checkSecrets,
} from './machine.ts';

const GOOD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const ALSO_GOOD = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';
const WORDS = 'copper kettles sing when winter comes home';
const MEBIBYTE = 1_048_576;

const report = reportFor('check');
const verdictsOf = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict);

describe('the doctor’s check of secrets', () => {
  const check = (environment: Record<string, string>) =>
    checkSecrets(givenSettings(environment, '/nowhere'), report);

  it('passes random secrets, also with an older one beside the newest', () => {
    const findings = check({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: newSecret() });
    assert.deepEqual(
      findings.map(({ verdict, what }) => `${verdict} ${what}`),
      ['ok SECRET_KEY looks random, with 1 older', 'ok PASSWORD_PEPPER looks random'],
    );
  });

  it('distinguishes random characters from words and patterns', () => {
    const random = [GOOD, '9f86d081884c7d659a2feaa0c55ad015', 'q8Zr/1k+Yt0vWm3xPzL5uJ7nHc2sBd6e=='];
    const weak = [
      WORDS,
      'größte Kästchen öffnen üble Türen',
      'abcdefghijabcdefghijabcdefghijab',
      'letmeinletmeinpleaseiamtheowner!',
    ];
    for (const key of random) assert.deepEqual(verdictsOf(check({ SECRET_KEY: key })), ['ok'], key);
    for (const key of weak) {
      const [finding] = check({ SECRET_KEY: key });
      assert.equal(finding?.verdict, 'warning', key);
      assert.match(String(finding?.what), /^SECRET_KEY looks like words or a pattern: about \d+ bits$/);
    }
  });

  it('warns about one secret used for two settings', () => {
    const findings = check({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: ALSO_GOOD });
    assert.match(String(findings.at(-1)?.what), /^PASSWORD_PEPPER is the same as SECRET_KEY/);
    assert.equal(findings.at(-1)?.verdict, 'warning');
  });

  it('A57: shows no secret', () => {
    const findings = check({ SECRET_KEY: `${WORDS},${GOOD}`, PASSWORD_PEPPER: WORDS });
    for (const secret of [WORDS, GOOD]) assert.ok(!JSON.stringify(findings).includes(secret));
  });
});

describe('the doctor’s check of the length of passwords', () => {
  it('warns where a password of less than fifteen characters can be the only factor (NIST SP 800-63B-4 §3.1.1.2)', () => {
    const verdictOf = (environment: Record<string, string>) =>
      checkMinimumLength(givenSettings({ SECRET_KEY: GOOD, ...environment }, '/nowhere'), report).verdict;
    assert.equal(verdictOf({}), 'ok');
    assert.equal(verdictOf({ PASSWORD_MIN_LENGTH: '15' }), 'ok');
    assert.equal(verdictOf({ PASSWORD_MIN_LENGTH: '14' }), 'warning');
    assert.equal(verdictOf({ PASSWORD_MIN_LENGTH: '8', MFA: 'required' }), 'ok');
    const forAdmins = { PASSWORD_MIN_LENGTH: '8', MFA: 'required-for-roles', MFA_ROLES: 'admin' };
    assert.equal(verdictOf(forAdmins), 'warning');
  });
});

describe('the doctor’s check of secret files', () => {
  it('reports a secret file that other users can read or change', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'pepper');
    writeFileSync(path, GOOD);
    const settings = givenSettings({ SECRET_KEY, PASSWORD_PEPPER_FILE: path }, folder.path);
    const cases = [
      [0o600, 'ok', `PASSWORD_PEPPER_FILE: ${path} is private`],
      [0o640, 'warning', `PASSWORD_PEPPER_FILE: its group can read ${path}`],
      [0o644, 'fault', `PASSWORD_PEPPER_FILE: every user of this machine can read ${path}`],
      [0o620, 'fault', `PASSWORD_PEPPER_FILE: others can change ${path}`],
    ] as const;
    for (const [mode, verdict, what] of cases) {
      chmodSync(path, mode);
      const findings = checkSecretFiles(settings, report);
      assert.deepEqual(
        findings.map((finding) => [finding.verdict, finding.what]),
        [[verdict, what]],
      );
    }
  });

  it('accepts a readable .env that holds no secret, but not a writable one', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, '.env');
    writeFileSync(path, `SITE_NAME=Hello\nSECRET_KEY_FILE=${join(folder.path, 'missing')}\n`);
    const verdicts = (mode: number) => {
      chmodSync(path, mode);
      return verdictsOf(checkSecretFiles(givenSettings({ SECRET_KEY }, folder.path), report));
    };
    assert.deepEqual(verdicts(0o644), ['ok']);
    assert.deepEqual(verdicts(0o664), ['fault'], 'other users can change any setting');
  });

  it('reports a readable .env with a secret in it, except in production, where .env is not read', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, '.env');
    writeFileSync(path, `SECRET_KEY=${SECRET_KEY}\n`);
    chmodSync(path, 0o644);
    const [finding, ...more] = checkSecretFiles(givenSettings({}, folder.path), report);
    assert.deepEqual([finding?.verdict, more], ['fault', []]);
    assert.match(String(finding?.what), /^\.env: every user/);
    const production = givenSettings({ SECRET_KEY, BASE_URL: 'https://login.example.org' }, folder.path);
    assert.deepEqual(checkSecretFiles(production, report), []);
  });
});

/** The verdicts on a database file, its log, their folder and the free space of the disk. */
function checkModes(fileMode: number, folderMode: number, logMode = 0o600, mebibytes = 5_000) {
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
  return verdictsOf(checkDatabaseFiles(settings, report, () => mebibytes * MEBIBYTE));
}

describe('the doctor’s check of the database files', () => {
  it('reports files and folders that other users can access', () => {
    assert.deepEqual(checkModes(0o600, 0o700), ['ok', 'ok', 'ok', 'ok']);
    for (const mode of [0o640, 0o604, 0o660]) {
      assert.deepEqual(checkModes(mode, 0o700), ['fault', 'ok', 'ok', 'ok'], mode.toString(8));
      assert.deepEqual(checkModes(0o600, 0o700, mode), ['ok', 'fault', 'ok', 'ok'], mode.toString(8));
    }
    assert.deepEqual(checkModes(0o600, 0o755), ['ok', 'ok', 'warning', 'ok']);
    assert.deepEqual(checkModes(0o600, 0o770), ['ok', 'ok', 'fault', 'ok']);
  });

  it('warns below 1 GiB of free space and fails below 100 MiB', () => {
    const verdicts = [99, 100, 1_023, 1_024].map((free) => checkModes(0o600, 0o700, 0o600, free)[3]);
    assert.deepEqual(verdicts, ['fault', 'warning', 'warning', 'ok']);
  });

  it('warns about a write-ahead log that is not emptied', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'latchkey.db');
    const settings = givenSettings({ SECRET_KEY, DATABASE_URL: `sqlite:${file}` }, folder.path);
    const warningsAt = (bytes: number) => {
      writeFileSync(`${file}-wal`, '', { mode: 0o600 });
      truncateSync(`${file}-wal`, bytes);
      const findings = checkDatabaseFiles(settings, report, () => 5_000 * MEBIBYTE);
      return findings.filter(({ verdict }) => verdict === 'warning').map(({ what }) => what);
    };
    assert.deepEqual(warningsAt(16 * MEBIBYTE), []);
    assert.match(warningsAt(17 * MEBIBYTE).join(), /latchkey\.db-wal has 17 MiB/);
  });

  it('finds nothing where there are no database files', () => {
    for (const DATABASE_URL of [
      'sqlite::memory:',
      'postgres://ada@localhost/latchkey',
      'sqlite:/nowhere/x.db',
    ])
      assert.deepEqual(
        checkDatabaseFiles(givenSettings({ SECRET_KEY, DATABASE_URL }, '/nowhere'), report),
        [],
      );
  });
});

describe('the doctor’s check of the hash cost', () => {
  const settingsWith = (PASSWORD_HASH: string) => givenSettings({ SECRET_KEY, PASSWORD_HASH }, '/nowhere');

  const MIB = 1024 * 1024;
  const large = { cores: 4, memory: 64_000 * MIB };

  it('warns if the cost is less than the default, and measures the time of a hash', async () => {
    const [low, time, capacity] = await checkHashing(settingsWith('m=19456,t=2,p=1'), report);
    assert.equal(low?.verdict, 'warning');
    assert.match(String(low?.what), /^PASSWORD_HASH is m=19456,t=2,p=1, which is less than the default$/);
    assert.match(String(time?.what), /^a hash takes \d+ ms with every thread busy$/);
    assert.match(
      String(capacity?.what),
      /^about \d+ sign-ins per second on \d+ of \d+ cores, with up to \d+ of/,
    );
  });

  it('warns if a hash takes a second or more', async () => {
    const settings = settingsWith('m=19456,t=4,p=1');
    const verdicts = async (milliseconds: number) =>
      verdictsOf(await checkHashing(settings, report, async () => milliseconds, large));
    assert.deepEqual(await verdicts(999), ['ok', 'ok', 'ok']);
    assert.deepEqual(await verdicts(1_000), ['ok', 'warning', 'ok']);
  });

  it('P65: says how many sign-ins fit into the memory of the process, with both figures', async () => {
    const found = async (hash: string, mebibytes: number) => {
      const resources = { cores: 16, memory: mebibytes * MIB };
      return (await checkHashing(settingsWith(hash), report, async () => 20, resources)).at(-1);
    };
    const cases = [
      [
        'm=19456,t=4,p=1',
        64_000,
        'ok',
        /^about 800 sign-ins per second on 16 of 16 cores, with up to 640 of 64000 MiB/,
      ],
      [
        'm=19456,t=4,p=1',
        512,
        'ok',
        /^about 500 sign-ins per second on 10 of 16 cores, with up to 490 of 512 MiB/,
      ],
      [
        'm=19456,t=4,p=1',
        256,
        'warning',
        /on 1 of 16 cores, but one hash .* can take 265 MiB, and it may have 256 MiB/,
      ],
      ['m=262144,t=4,p=1', 400, 'warning', /one hash .* can take 502 MiB, and it may have 400 MiB/],
      [
        'm=1048576,t=4,p=1',
        1_000,
        'fault',
        /^PASSWORD_HASH is m=1048576,t=4,p=1: one hash .* 1270 MiB, .* 1000 MiB/,
      ],
    ] as const;
    for (const [hash, mebibytes, verdict, what] of cases) {
      const finding = await found(hash, mebibytes);
      assert.deepEqual([finding?.verdict, what.test(finding?.what ?? '')], [verdict, true], finding?.what);
    }
  });
});
