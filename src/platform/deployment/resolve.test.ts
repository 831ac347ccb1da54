import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { settingsFromOptions } from '../../read-settings.ts';
import { SettingsError } from '../settings/read.ts';
import { TEST_SECRET_KEY } from '../settings/strong-secret.ts';

const settingsFor = (options: Readonly<Record<string, string>>) =>
  settingsFromOptions({ secretKey: SECRET_KEY, ...options });

describe('the public origin', () => {
  it('is secure on https, on any host', () => {
    for (const baseUrl of [
      'https://login.example.org',
      'https://localhost:8443',
      ' HTTPS://Login.Example.org/ ',
    ]) {
      const settings = settingsFor({ baseUrl });
      assert.equal(settings.isSecure, true);
      assert.match(settings.baseUrl.origin, /^https:\/\/(login\.example\.org|localhost:8443)$/);
    }
  });

  it('may be http on loopback, in every spelling', () => {
    for (const host of [
      'localhost',
      'LOCALHOST',
      'shop.localhost',
      '127.0.0.1',
      '127.8.9.10',
      '127.1',
      '[::1]',
      '[0:0:0:0:0:0:0:1]',
    ]) {
      const settings = settingsFor({ baseUrl: `http://${host}:3000` });
      assert.equal(settings.isSecure, false, host);
      assert.deepEqual(settings.hosts, ['127.0.0.1', '::1'], host);
    }
  });

  it('is refused as http anywhere else, because passwords would travel in the clear', () => {
    for (const host of [
      'login.example.org',
      'localhost.example.org',
      'notlocalhost',
      '127.0.0.1.example.org',
      '10.0.0.1',
      '0.0.0.0',
      '[::]',
      '[::ffff:10.0.0.1]',
    ]) {
      assert.throws(
        () => settingsFor({ baseUrl: `http://${host}` }),
        /^SettingsError: BASE_URL: "http:.*" would send passwords in the clear; give an https: origin/,
        host,
      );
    }
  });

  it('must be a bare origin', () => {
    for (const baseUrl of [
      'login.example.org',
      'ftp://login.example.org',
      'https://login.example.org/login',
      'https://login.example.org/?a=b',
      'https://login.example.org/#top',
      'https://ada@login.example.org',
      'https://',
      'javascript:alert(1)',
    ]) {
      assert.throws(
        () => settingsFor({ baseUrl }),
        /BASE_URL: ".*" is not an origin; give scheme and host only/,
        baseUrl,
      );
    }
  });
});

describe('the address to listen on', () => {
  it('is every interface for a public origin, or the given one', () => {
    assert.deepEqual(settingsFor({ baseUrl: 'https://login.example.org' }).hosts, ['::']);
    assert.deepEqual(settingsFor({ baseUrl: 'https://login.example.org', host: '10.0.0.7' }).hosts, [
      '10.0.0.7',
    ]);
    assert.deepEqual(settingsFor({ host: '0.0.0.0' }).hosts, ['0.0.0.0']);
  });
});

describe('the names of cookies', () => {
  it('P08: differ between two projects on the loopback hosts of one machine, with and without TLS', () => {
    const cases = [
      [{}, 'latchkey'],
      [{ port: '3000' }, 'latchkey'],
      [{ port: '3001' }, 'latchkey3001'],
      [{ baseUrl: 'http://localhost:3001', port: '3000' }, 'latchkey3001'],
      [{ baseUrl: 'http://localhost' }, 'latchkey80'],
      [{ baseUrl: 'http://127.0.0.1:8080' }, 'latchkey8080'],
      [{ baseUrl: 'http://[::1]:8080' }, 'latchkey8080'],
      [{ baseUrl: 'http://shop.localhost:5173' }, 'latchkey5173'],
      [{ baseUrl: 'https://localhost:8443' }, 'latchkey8443'],
      [{ baseUrl: 'https://localhost' }, 'latchkey443'],
      [{ baseUrl: 'https://login.example.org' }, 'latchkey'],
      [{ baseUrl: 'https://login.example.org:8443' }, 'latchkey'],
      [{ port: '3001', cookiePrefix: 'shop' }, 'shop'],
      [{ baseUrl: 'https://login.example.org', cookiePrefix: 'shop' }, 'shop'],
    ] as const;
    for (const [options, name] of cases)
      assert.equal(settingsFor(options).cookiePrefix, name, JSON.stringify(options));
  });
});

describe('built-in TLS', () => {
  const files = { tlsCert: '/etc/tls/tls.crt', tlsKey: '/etc/tls/tls.key' };
  const faults = (options: Readonly<Record<string, string>>) => {
    try {
      settingsFor(options);
    } catch (error) {
      if (error instanceof SettingsError) return error.faults.map(({ name }) => name);
      throw error;
    }
    return [];
  };

  it('makes the origin https if none is given', () => {
    const { baseUrl, isSecure, hosts } = settingsFor({ ...files, port: '8443' });
    assert.equal(baseUrl.origin, 'https://localhost:8443');
    assert.equal(isSecure, true);
    assert.deepEqual(hosts, ['127.0.0.1', '::1']);
  });

  it('needs both files or neither, and an https origin', () => {
    assert.deepEqual(faults({ ...files, baseUrl: 'https://login.example.org', tlsRedirectPort: '80' }), []);
    assert.deepEqual(faults({ tlsCert: files.tlsCert }), ['TLS_KEY']);
    assert.deepEqual(faults({ tlsKey: files.tlsKey }), ['TLS_CERT']);
    assert.deepEqual(faults({ ...files, baseUrl: 'http://localhost:3000' }), ['BASE_URL']);
    assert.deepEqual(faults({ tlsRedirectPort: '80' }), ['TLS_REDIRECT_PORT']);
    assert.deepEqual(faults({ ...files, port: '8443', tlsRedirectPort: '8443' }), ['TLS_REDIRECT_PORT']);
  });

  it('requires a secret key, as https always does', () => {
    assert.throws(() => settingsFromOptions(files), /SECRET_KEY: is missing/);
  });
});

describe('the secret key', () => {
  it('is required on https', () => {
    assert.throws(
      () => settingsFromOptions({ baseUrl: 'https://login.example.org' }),
      /SECRET_KEY: is missing, and BASE_URL is https:; make one with: latchkey secret/,
    );
  });

  it('A57: may be the public one of tests on this machine alone', () => {
    const secretKey = TEST_SECRET_KEY;
    for (const baseUrl of ['http://localhost:3000', 'https://localhost:8443'])
      assert.deepEqual(settingsFor({ secretKey, baseUrl }).secretKeys, [secretKey]);
    const baseUrl = 'https://login.example.org';
    assert.throws(() => settingsFor({ secretKey, baseUrl }), /SECRET_KEY: is the public one of tests/);
  });

  it('is generated for a database in memory, a new one each time', () => {
    const [first, second] = [1, 2].map(
      () => settingsFromOptions({ databaseUrl: 'sqlite::memory:' }).secretKeys[0],
    );
    assert.ok(first !== undefined && Buffer.byteLength(first) >= 32);
    assert.notEqual(first, second);
  });

  it('is reported together with other invalid settings', () => {
    assert.throws(
      () => settingsFor({ secretKey: 'short', port: '0' }),
      (error) => {
        assert.ok(error instanceof SettingsError);
        assert.deepEqual(error.faults.map(({ name }) => name).sort(), ['PORT', 'SECRET_KEY']);
        return true;
      },
    );
  });
});
