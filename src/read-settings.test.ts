import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../tests/kit/system.ts';
import { temporaryFolder } from '../tests/kit/temporary.ts';
import { SettingsError } from './platform/settings/read.ts';
import {
  effectiveSettings,
  everySetting,
  settingsFromEnvironment,
  settingsFromOptions,
} from './read-settings.ts';

/** What is said of settings that are wrong. */
function faultsOf(read: () => unknown): SettingsError {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('these settings are right');
}

const ALL_WRONG = {
  HTTPS_PROXY: 'socks5://proxy.example',
  HTTP_PROXY: 'ftp://proxy.example',
  NO_PROXY: '"localhost"',
  BASE_URL: 'login.example.org',
  PORT: '80000',
  DATABASE_URL: 'oracle://db.example/users',
  SECRET_KEY: 'short',
  EMAIL: 'perhaps',
  REGISTRATION: 'sometimes',
  REGISTRATION_MIN_TIME: '11s',
  RESERVED_USERNAMES: 'ada, a@b',
  BLOCK_DISPOSABLE_EMAIL: 'perhaps',
  BLOCKED_EMAIL_DOMAINS: 'example.com, example',
  SESSION_IDLE: 'soon',
  SESSION_LIFETIME: '400d',
  SESSION_ROTATE: 'never',
  SESSION_REMEMBER_IDLE: '31d',
  SESSION_REMEMBER_LIFETIME: '1y',
  SESSIONS_PER_ACCOUNT: '0',
  SESSION_FRESH: '1',
  DELETION_DELAY: '91d',
  MAGIC_LINK: 'perhaps',
  SITE_NAME: 'x'.repeat(61),
  ACCENT_COLOR: 'blue',
  DATABASE_SCHEMA: 'pg_latchkey',
  DATABASE_PREFIX: 'a-b',
  ROLES: 'two words',
  DATABASE_POOL_SIZE: '0',
  DATABASE_CONNECT_TIMEOUT: '1h',
  DATABASE_STATEMENT_TIMEOUT: 'soon',
  MIGRATE: 'sometimes',
  REDIS_URL: 'localhost',
  LOG_LEVEL: 'loud',
  PASSWORD_MIN_LENGTH: '7',
  PASSWORD_HASH: 'm=64,t=1,p=1',
  PASSWORD_PEPPER: 'short',
  BREACHED_PASSWORDS: 'all',
  HIBP_URL: 'http://api.example.org',
  CSP_REPORTS: 'perhaps',
  GEOIP_DATABASE: 'README.md',
  TRUSTED_PROXIES: 'all',
  FORWARDED_HEADER: 'both',
  SIGN_OUT_CLEARS: 'cookies',
  SECURITY_CONTACT: 'somebody',
  TLS_CERT: '-----BEGIN CERTIFICATE-----',
  TLS_KEY: '-----BEGIN PRIVATE KEY-----',
  TLS_REDIRECT_PORT: 'http',
  MAX_CONNECTIONS: 'many',
  METRICS_PORT: '0',
  AUDIT_RETENTION: 'for ever',
  METRICS_ALLOWED_HOSTS: 'latchkey:9464',
  SMTP_URL: 'mail.example.org',
  MAIL_FROM: 'a@x.org, b@y.org',
  DKIM_DOMAIN: 'two words',
  DKIM_SELECTOR: 'a/b',
  DKIM_PRIVATE_KEY: 'key.pem',
  MAIL_TEMPLATES: '/nowhere/at/all',
  GITHUB_ROLES: 'staff',
  GOOGLE_ALLOWED_DOMAINS: ' , ',
  GITHUB_ALLOWED_ORGANISATIONS: ',',
  GITHUB_URL: 'http://git.example.org',
  MICROSOFT_TENANT: 'common/v2.0',
  GITLAB_URL: 'https://user@git.example.org',
  APPLE_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----',
};

/** For settings that have no value above, such as those of a new provider: hardly one accepts a line break and a quote. */
const TWO_LINES = Object.fromEntries(everySetting.map(({ name }) => [name, 'two\n"lines']));

describe('the settings', () => {
  it('are all reported together if they are invalid, each with its name, its fault and a valid form', () => {
    using folder = temporaryFolder();
    const error = faultsOf(() => settingsFromEnvironment({ ...TWO_LINES, ...ALL_WRONG }, folder.path));
    assert.deepEqual(
      new Set(error.faults.map(({ name }) => name)),
      new Set(everySetting.map(({ name }) => name)),
    );
    for (const { name, message } of error.faults) {
      assert.match(message, /^("|its value |is ).+; .+/, name);
      assert.doesNotMatch(message, /\n/, name);
    }
    assert.equal(error.message.split('\n').length, error.faults.length, 'one line a fault');
    assert.match(error.message, /^PORT: "80000" is not fitting; give a whole number from 1 to 65535$/m);
  });

  it('A57: are not quoted in an error if they are secret', () => {
    using folder = temporaryFolder();
    const wrong = {
      SECRET_KEY: 'hunter2, hunter2hunter2',
      PASSWORD_PEPPER: 'hunter2',
      DATABASE_URL: 'postgres://ada:hunter2@db.example/users?sslmode=maybe',
      REDIS_URL: 'redis:/ada:hunter2@redis.example',
      BASE_URL: 'https://login.example.org',
      TLS_KEY: '-----BEGIN PRIVATE KEY----- hunter2',
    };
    const { message, faults } = faultsOf(() => settingsFromEnvironment(wrong, folder.path));
    assert.deepEqual(
      new Set(faults.map(({ name }) => name)),
      new Set(['SECRET_KEY', 'PASSWORD_PEPPER', 'DATABASE_URL', 'REDIS_URL', 'TLS_KEY']),
    );
    assert.doesNotMatch(message, /hunter2/);
  });

  it('have defaults for a server on this machine alone with an embedded database', () => {
    const settings = settingsFromOptions({ secretKey: SECRET_KEY });
    assert.equal(settings.baseUrl.origin, 'http://localhost:3000');
    assert.equal(settings.isSecure, false);
    assert.deepEqual(settings.hosts, ['127.0.0.1', '::1']);
    assert.equal(settings.databaseUrl, 'sqlite:data/latchkey.db');
    assert.equal(settings.passwordMinLength, 15);
    assert.deepEqual(settings.passwordHash, { memoryKibibytes: 19_456, passes: 4, lanes: 1 });
  });

  it('include the port in the default base URL', () => {
    const settings = settingsFromOptions({ secretKey: SECRET_KEY, port: 4_000 });
    assert.equal(settings.baseUrl.origin, 'http://localhost:4000');
  });

  it('are not reported as missing if they were given in an invalid way', () => {
    using folder = temporaryFolder();
    const wrong = { BASE_URL: 'https://login.example.org', SECRET_KEY_FILE: join(folder.path, 'nowhere') };
    const { faults } = faultsOf(() => settingsFromEnvironment(wrong, folder.path));
    assert.deepEqual(
      faults.map(({ name }) => name),
      ['SECRET_KEY_FILE'],
    );
  });
});

describe('the effective settings', () => {
  it('are every setting, as given or by default', () => {
    using folder = temporaryFolder();
    const all = effectiveSettings({ PORT: '4000', SITE_NAME: 'Harbour Library' }, folder.path);
    assert.equal(all.length, everySetting.length);
    const named = new Map(all.map((setting) => [setting.name, setting]));
    assert.deepEqual(named.get('SITE_NAME'), {
      name: 'SITE_NAME',
      value: 'Harbour Library',
      meaning: null,
      isDefault: false,
    });
    assert.deepEqual(named.get('BASE_URL'), {
      name: 'BASE_URL',
      value: 'http://localhost:4000',
      meaning: null,
      isDefault: true,
    });
    assert.equal(named.get('HOST')?.value, '127.0.0.1, ::1');
    assert.equal(named.get('SESSION_IDLE')?.value, '24h');
  });

  it('A57: show no secret', () => {
    using folder = temporaryFolder();
    const given = {
      SECRET_KEY,
      PASSWORD_PEPPER: `${SECRET_KEY}2`,
      REDIS_URL: `redis://ada:${SECRET_KEY}@redis.example`,
    };
    const all = effectiveSettings(given, folder.path);
    for (const secret of ['SECRET_KEY', 'PASSWORD_PEPPER'])
      assert.equal(all.find(({ name }) => name === secret)?.value, '********');
    assert.doesNotMatch(JSON.stringify(all), new RegExp(SECRET_KEY));
  });

  it('create no secret and no folder by being read', () => {
    using folder = temporaryFolder();
    const before = process.cwd();
    process.chdir(folder.path);
    const all = effectiveSettings({}, folder.path);
    const secret = all.find(({ name }) => name === 'SECRET_KEY');
    assert.equal(secret?.value, null);
    assert.match(String(secret?.meaning), /kept in data\/secret\.key/);
    assert.equal(existsSync('data'), false);
    process.chdir(before);
  });

  it('are not shown while they are invalid', () => {
    using folder = temporaryFolder();
    assert.match(
      faultsOf(() => effectiveSettings({ PORT: '0' }, folder.path)).message,
      /^PORT: "0" is not fitting/,
    );
  });
});
