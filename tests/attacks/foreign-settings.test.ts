import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SettingsError } from '../../src/platform/settings/read.ts';
import { settingsFromEnvironment, settingWarnings } from '../../src/read-settings.ts';
import { runCommands } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';

type Environment = Readonly<Record<string, string>>;

const PRODUCTION = { NODE_ENV: 'production', BASE_URL: 'https://login.example.org', SECRET_KEY };

function linesOf(environment: Environment): readonly string[] {
  using folder = temporaryFolder();
  try {
    settingsFromEnvironment(environment, folder.path);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** Values that shells, orchestrators and tools keep in variables with the name of a setting. */
const COLLISIONS: readonly (readonly [name: string, text: string, owner: RegExp])[] = [
  ['HOST', 'x86_64-conda-linux-gnu', /conda/],
  ['HOST', 'x86_64-conda_cos6-linux-gnu', /conda/],
  ['HOST', 'arm64-apple-darwin20.0.0', /conda/],
  ['HOST', 'aarch64-unknown-linux-musl', /conda/],
  ['HOST', 'x86_64-w64-mingw32', /conda/],
  ['HOST', 'x86_64-linux', /conda/],
  ['EMAIL', 'ada@example.org', /git/],
  ['EMAIL', 'Ada Lovelace <ada@example.org>', /git/],
  ['METRICS_PORT', 'tcp://10.0.0.9:9090', /Kubernetes/],
  ['TLS_REDIRECT_PORT', 'tcp://[fd00::9]:80', /Kubernetes/],
  ['PORT', 'udp://172.17.0.2:3000', /Docker/],
  ['PORT', String.raw`\\.\pipe\6f1b5a2c`, /IIS/],
  ['LOG_LEVEL', 'verbose', /another program/],
  ['LOG_LEVEL', 'TRACE', /another program/],
  ['LOG_LEVEL', '20', /another program/],
  ['LOG_LEVEL', 'info,hyper=warn', /another program/],
];

describe('a value of other software under the name of a setting', () => {
  for (const [name, text, owner] of COLLISIONS)
    it(`is ignored with a warning in development, and stops production: ${name}=${text}`, () => {
      using folder = temporaryFolder();
      const given = { SECRET_KEY, [name]: text };
      assert.deepEqual(linesOf(given), []);
      const [warning, ...more] = settingWarnings(given, folder.path);
      assert.deepEqual([warning?.name, more], [name, []]);
      assert.match(String(warning?.message), owner);
      assert.match(String(warning?.message), new RegExp(`ignored here, and LATCHKEY_${name} is read first$`));
      const [fault = '', ...others] = linesOf({ ...PRODUCTION, [name]: text });
      assert.deepEqual(others, []);
      assert.match(fault, owner);
      assert.match(fault, new RegExp(`^${name}: .+; set LATCHKEY_${name}, which is read first$`));
    });

  it('never matters beside the name with the prefix', () => {
    const own: Environment = {
      LATCHKEY_HOST: '127.0.0.1',
      LATCHKEY_EMAIL: 'optional',
      LATCHKEY_METRICS_PORT: '9464',
      LATCHKEY_TLS_REDIRECT_PORT: '8080',
      LATCHKEY_PORT: '4000',
      LATCHKEY_LOG_LEVEL: 'warn',
    };
    for (const [name, text] of COLLISIONS) {
      if (name === 'TLS_REDIRECT_PORT') continue;
      const setting = `LATCHKEY_${name}`;
      assert.deepEqual(linesOf({ ...PRODUCTION, [name]: text, [setting]: own[setting] ?? '' }), [], text);
    }
  });

  it('is a path of Vite in BASE_URL, and the name of this machine in HOST only in development', () => {
    using folder = temporaryFolder();
    for (const given of [
      { BASE_URL: '/' },
      { BASE_URL: '/app/' },
      { BASE_URL: './' },
      { HOST: hostname() },
    ]) {
      const settings = settingsFromEnvironment({ SECRET_KEY, ...given }, folder.path);
      assert.equal(settings.baseUrl.href, 'http://localhost:3000/');
      assert.deepEqual(settings.hosts, ['127.0.0.1', '::1']);
      assert.equal(settingWarnings(given, folder.path).length, 1);
    }
    assert.match(
      linesOf({ NODE_ENV: 'production', SECRET_KEY, BASE_URL: '/' }).join(),
      /^BASE_URL: .*Vite.*set LATCHKEY_BASE_URL/,
    );
    assert.deepEqual(linesOf({ ...PRODUCTION, HOST: hostname() }), []);
  });

  it('is never seen in a value that is meant', () => {
    using folder = temporaryFolder();
    const meant: readonly Environment[] = [
      { HOST: '0.0.0.0' },
      { HOST: '::' },
      { HOST: 'localhost' },
      { HOST: 'fe80::1%eth0' },
      { HOST: 'login-1.internal' },
      { HOST: 'db-1-linux.example.org' },
      { EMAIL: 'Required' },
      { PORT: '4000\r' },
      { LOG_LEVEL: 'WARNING' },
      { LOG_LEVEL: 'Info' },
      { MAGIC_LINK: 'True' },
      { REDIS_PORT: 'tcp://10.0.0.9:6379', POSTGRES_PORT: 'tcp://10.0.0.9:5432', EDITOR: 'ada@example.org' },
    ];
    for (const given of meant) {
      assert.deepEqual(settingWarnings({ SECRET_KEY, ...given }, folder.path), [], JSON.stringify(given));
      const faults = linesOf({
        SECRET_KEY,
        SMTP_URL: 'smtp://localhost',
        MAIL_FROM: 'a@example.org',
        ...given,
      });
      assert.deepEqual(faults, [], JSON.stringify(given));
    }
    for (const HOST of ['https://login.example.org', 'localhost:3000', 'a b', '127.0.0.1/8'])
      assert.match(linesOf({ SECRET_KEY, HOST }).join(), /^HOST: .* is no address; give one of this machine/);
  });

  it('is a fault in .env, which no shell writes', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, '.env'), 'EMAIL=ada@example.org\n');
    assert.throws(
      () => settingsFromEnvironment({ SECRET_KEY }, folder.path),
      /^SettingsError: EMAIL: .* is not known; give one/,
    );
  });

  it('does not keep a command from running in development, and is named on stderr', async () => {
    using folder = temporaryFolder();
    const [result] = await runCommands(folder.path, [['settings', '--json']], {
      EMAIL: 'ada@example.org',
      HOST: 'x86_64-conda-linux-gnu',
    });
    assert.equal(result?.status, 0);
    assert.match(String(result?.stderr), /^HOST: .*\nEMAIL: [^\n]*\n$/);
  });
});

describe('an empty setting in production', () => {
  const FAULT = 'is empty, and this is production; give its value, or leave it out';
  const { SECRET_KEY: _, ...withoutKey } = PRODUCTION;

  for (const name of ['DATABASE_URL', 'SMTP_URL', 'PASSWORD_PEPPER', 'TLS_CERT', 'TLS_KEY'])
    it(`N05 stops the start where the default would lose data or protect less: ${name}`, () => {
      for (const variable of [name, `${name}_FILE`, `LATCHKEY_${name}`, `LATCHKEY_${name}_FILE`])
        for (const text of ['', '\r\n'])
          assert.deepEqual(linesOf({ ...PRODUCTION, [variable]: text }), [`${variable}: ${FAULT}`]);
      assert.deepEqual(linesOf({ SECRET_KEY, [name]: '' }), []);
    });

  it('N05 is one fault, not two, for what is required', () => {
    assert.match(linesOf({ ...withoutKey, SECRET_KEY: '' }).join('|'), /^SECRET_KEY: is missing, [^|]*$/);
    assert.deepEqual(linesOf({ NODE_ENV: 'production', SECRET_KEY, BASE_URL: '' }), [`BASE_URL: ${FAULT}`]);
  });

  it('counts as unset where nothing is lost, or where another variable gives the setting', () => {
    for (const given of [
      { REDIS_URL: '', GOOGLE_CLIENT_ID: '', SITE_NAME: '', GEOIP_DATABASE: '', MAIL_FROM: '' },
      { DATABASE_URL: '', LATCHKEY_DATABASE_URL: 'sqlite:x.db' },
      { LATCHKEY_DATABASE_URL: '', DATABASE_URL: 'sqlite:x.db' },
    ])
      assert.deepEqual(linesOf({ ...PRODUCTION, ...given }), [], JSON.stringify(given));
  });

  it('N05 stops the start for an empty file as well', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'url');
    writeFileSync(path, '\n');
    const line = 'DATABASE_URL_FILE: names a file that is empty; write the value into it';
    assert.deepEqual(linesOf({ ...PRODUCTION, DATABASE_URL_FILE: path }), [line]);
  });
});
