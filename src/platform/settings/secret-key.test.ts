import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type TemporaryFolder, temporaryFolder } from '../../../tests/kit/temporary.ts';
import { developmentSecret, secretFaults } from './secret-key.ts';
import { splitSecrets, TEST_SECRET_KEY } from './strong-secret.ts';

const GOOD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const ALSO_GOOD = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';
const faultsOf = (secret: string | undefined, isSecure = true) =>
  secretFaults(secret, isSecure).map(({ name, message }) => `${name}: ${message}`);

describe('a given secret key', () => {
  it('is accepted with 32 bytes or more that are no known example', () => {
    assert.deepEqual(faultsOf(GOOD), []);
    assert.deepEqual(faultsOf('größte Kästchen öffnen üble Türen'), [], 'bytes count, in any script');
  });

  it('is required on https, and optional elsewhere', () => {
    assert.match(String(faultsOf(undefined)), /^SECRET_KEY: is missing, .*; make one with: latchkey secret/);
    assert.deepEqual(faultsOf(undefined, false), []);
  });

  it('is refused if it is short, an example, or repetitive', () => {
    const refused = [
      [GOOD.slice(0, 31), /is too short; it needs at least 32 bytes/],
      ['', /is too short/],
      ['change-me-change-me-change-me-now!!', /looks like an example/],
      ['this is an example of a secret key', /looks like an example/],
      ['your_secret_here_with_32_characters', /looks like an example/],
      ['01234567890123456789012345678901', /looks like an example/],
      ['a'.repeat(64), /repeats too few characters/],
      ['abcabcabc'.repeat(8), /repeats too few characters/],
    ] as const;
    for (const [secret, reason] of refused) assert.match(String(faultsOf(secret, false)), reason, secret);
  });

  it('may be a list of two, the newer first, each of them checked', () => {
    assert.deepEqual(splitSecrets(`${GOOD}, ${ALSO_GOOD}`), [GOOD, ALSO_GOOD]);
    assert.deepEqual(faultsOf(`${GOOD},${ALSO_GOOD}`), []);
    assert.equal(faultsOf(`${GOOD},short`).length, 1);
    assert.equal(faultsOf(`${GOOD},`).length, 1, 'nothing after the comma would be a key that anybody has');
  });

  it('A57: is refused where other machines reach the site, if it is the public one of tests', () => {
    for (const secret of [TEST_SECRET_KEY, `${GOOD}, ${TEST_SECRET_KEY}`]) {
      assert.match(
        String(secretFaults(secret, true, true)[0]?.message),
        /^is the public one of tests; make one/,
      );
      for (const isSecure of [true, false]) assert.deepEqual(secretFaults(secret, isSecure, false), []);
    }
  });

  it('A57: is never quoted in an error', () => {
    for (const secret of ['hunter2', 'hunter2 change-me change-me change-me', 'hunter2'.repeat(9)]) {
      const [fault] = faultsOf(secret);
      assert.ok(fault !== undefined);
      assert.doesNotMatch(fault, /hunter2/);
    }
  });
});

describe('the secret key of a development server', () => {
  const FILE = 'data/secret.key';
  const start = () => developmentSecret('sqlite:data/latchkey.db');
  const home = process.cwd();
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
    process.chdir(folder.path);
  });
  afterEach(() => {
    process.chdir(home);
    folder[Symbol.dispose]();
  });

  it('is generated once, readable by its owner alone, and reused at every start', () => {
    const [key] = start();
    assert.deepEqual(secretFaults(key, true), []);
    assert.deepEqual(start(), [key]);
    assert.equal(readFileSync(FILE, 'utf8'), key);
    assert.deepEqual(readdirSync('data'), ['secret.key'], 'no draft is left');
    assert.equal(statSync(FILE).mode & 0o777, 0o600);
    assert.equal(statSync('data').mode & 0o777, 0o700);
  });

  it('can be written by hand', () => {
    start();
    writeFileSync(FILE, `${GOOD}\n`);
    assert.deepEqual(start(), [GOOD]);
  });

  it('is refused if others can read it', () => {
    start();
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(FILE, mode);
      assert.throws(
        start,
        /SECRET_KEY: in data\/secret\.key cannot be kept \(others may read it; set its mode to 0600\)/,
      );
    }
  });

  it('is refused if it is weak, without being quoted', () => {
    start();
    writeFileSync(FILE, 'hunter2');
    assert.throws(start, (error: Error) => {
      assert.match(error.message, /SECRET_KEY: in data\/secret\.key is too short; .*delete the file/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });

  it('is reported in one line if it cannot be stored', () => {
    writeFileSync('data', 'a file where the folder should be');
    assert.throws(
      start,
      /^SettingsError: SECRET_KEY: in data\/secret\.key cannot be kept \(.*\); make the folder writable/,
    );
  });

  it('is not stored for a database in memory', () => {
    assert.notDeepEqual(developmentSecret('sqlite::memory:'), developmentSecret('sqlite::memory:'));
    assert.equal(existsSync('data'), false);
  });
});
