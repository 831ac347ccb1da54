import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PathRules } from '../runtime/index.ts';
import { isMemoryDatabase, readDatabaseUrl, withoutUserInfo } from './url.ts';

const WINDOWS = { platform: 'win32', home: 'C:\\Users\\ada' } as const;
const LINUX = { platform: 'linux', home: '/home/ada' } as const;

function addressOf(url: string, rules: PathRules = LINUX) {
  const reading = readDatabaseUrl(url, rules);
  return reading.ok ? reading.address : null;
}

function pathOf(url: string, rules?: PathRules): string | null {
  const address = addressOf(url, rules);
  return address?.engine === 'sqlite' ? address.path : null;
}

describe('a database URL', () => {
  it('names a file by its path', () => {
    assert.equal(pathOf('sqlite:data/latchkey.db'), 'data/latchkey.db');
    assert.equal(pathOf('sqlite:/var/lib/latchkey.db'), '/var/lib/latchkey.db');
    assert.equal(pathOf('sqlite:~/users.db'), '/home/ada/users.db');
    assert.equal(pathOf(' sqlite:users one@home.db '), 'users one@home.db');
  });

  it('follows SQLAlchemy: three slashes begin a relative path, four an absolute one', () => {
    assert.equal(pathOf('sqlite:///users.db'), 'users.db');
    assert.equal(pathOf('sqlite:///instance/users.db'), 'instance/users.db');
    assert.equal(pathOf('sqlite:////srv/app/users.db'), '/srv/app/users.db');
    assert.equal(pathOf('sqlite:///~/users.db'), '/home/ada/users.db');
    assert.equal(pathOf('sqlite+pysqlite:///users.db'), 'users.db');
  });

  it('P80: names the right file by a path of Windows there, and none on other systems', () => {
    for (const [url, path] of [
      ['sqlite:C:\\data\\users.db', 'C:\\data\\users.db'],
      ['sqlite:///C:/app/users.db', 'C:/app/users.db'],
      ['sqlite:////C:/app/users.db', 'C:/app/users.db'],
      ['sqlite:///C:\\app\\users.db', 'C:\\app\\users.db'],
      ['sqlite:data\\users.db', 'data\\users.db'],
      ['sqlite:~\\users.db', 'C:\\Users\\ada\\users.db'],
      ['sqlite:~/users.db', 'C:\\Users\\ada\\users.db'],
    ] as const)
      assert.equal(pathOf(url, WINDOWS), path, url);
    for (const url of [
      'sqlite:C:\\data\\x.db',
      'sqlite:///C:/app/x.db',
      'sqlite:data\\x.db',
      'sqlite:~bob/x.db',
    ]) {
      const reading = readDatabaseUrl(url, LINUX);
      assert.ok(!reading.ok, url);
      assert.match(reading.problem, /give/);
    }
  });

  it('can name a database in memory', () => {
    for (const url of [
      'sqlite::memory:',
      'sqlite://',
      'sqlite:///',
      'sqlite:///:memory:',
      'sqlite+pysqlite://',
    ]) {
      assert.equal(isMemoryDatabase(url), true, url);
    }
    assert.equal(isMemoryDatabase('sqlite:memory'), false);
  });

  it('verifies the certificate of a server as soon as it names an authority', () => {
    const modes = {
      'postgres://db.example/users': 'off',
      'postgres://db.example/users?sslmode=disable&sslrootcert=ca.pem': 'off',
      'postgres://db.example/users?sslmode=require': 'encrypted',
      'postgres://db.example/users?sslmode=require&sslrootcert=ca.pem': 'authority',
      'postgres://db.example/users?sslrootcert=ca.pem': 'identity',
      'mysql://db.example/users?ssl-mode=REQUIRED&ssl_ca=ca.pem': 'authority',
      'mysql://db.example/users?ssl_ca=ca.pem': 'identity',
      'mysql://192.0.2.1/users?ssl_ca=ca.pem&ssl-mode=VERIFY_CA': 'authority',
    };
    for (const [url, mode] of Object.entries(modes)) {
      const address = addressOf(url);
      assert.ok(address !== null && address.engine !== 'sqlite', url);
      assert.equal(address.tls.mode, mode, url);
    }
  });

  it('is rejected in any other form', () => {
    const others = [
      '',
      'users.db',
      'sqlite',
      'sqlite:',
      'sqlite://host/users.db',
      'sqlite:users.db?mode=ro',
      'sqlite:users.db#x',
      'sqlite:users\0.db',
      'oracle://db.example/users',
      // The driver could not verify whether the certificate is for this number.
      'mysql://192.0.2.1/users?ssl-mode=VERIFY_IDENTITY',
      'mysql://[2001:db8::1]/users?ssl_ca=ca.pem',
    ];
    for (const url of others) assert.equal(addressOf(url), null, url);
  });

  it('A57: is shown without user, password and query, whatever characters they contain', () => {
    for (const password of [
      'hunter2',
      'hunter2%40',
      'p@hunter2',
      'p/hunter2',
      'p:hunter2',
      'p#hunter2',
      'p?hunter2',
      '//hunter2',
    ]) {
      const shown = withoutUserInfo(
        `postgresql+psycopg2://ada:${password}@db.example:5432/users?password=hunter2`,
      );
      assert.equal(shown, 'postgresql+psycopg2://db.example:5432/users', password);
    }
    assert.equal(withoutUserInfo('postgres://hunter2@db.example/users'), 'postgres://db.example/users');
  });

  it('is shown unchanged if it names a file', () => {
    for (const url of ['sqlite:data/users@home.db', 'sqlite:///users@home.db', 'sqlite:////srv/a@b/users.db'])
      assert.equal(withoutUserInfo(url), url);
  });
});
