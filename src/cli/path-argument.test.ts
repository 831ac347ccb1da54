import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommands, runLatchkey } from '../../tests/kit/processes.ts';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

/** Settings and arguments with a path, which stands for `PATH`; each names a file that is not there. */
const PLACES: readonly (readonly [NodeJS.ProcessEnv, readonly string[]])[] = [
  [{ DATABASE_URL: 'sqlite:PATH' }, ['migrate', '--status']],
  [{ DATABASE_URL: 'sqlite+pysqlite:///PATH' }, ['settings']],
  [{ DATABASE_URL_FILE: 'PATH' }, ['settings']],
  [{ SECRET_KEY_FILE: 'PATH' }, ['settings']],
  [{ GEOIP_DATABASE: 'PATH' }, ['settings']],
  [{ MAIL_TEMPLATES: 'PATH' }, ['settings']],
  [{ TLS_CERT: 'PATH', TLS_KEY: 'key.pem', BASE_URL: 'https://localhost' }, ['settings']],
  [{ TLS_KEY: 'PATH', TLS_CERT: 'cert.pem', BASE_URL: 'https://localhost' }, ['settings']],
  [{ SMTP_URL: 'smtp://mail.example?ca=PATH', MAIL_FROM: 'a@example.org' }, ['settings']],
  [{ DATABASE_URL: 'postgres://a:b@127.0.0.1:9/c?sslmode=verify-full&sslrootcert=PATH' }, ['migrate']],
  [{}, ['backup', 'PATH']],
  [{}, ['copy', '--from-file=PATH', '--to=sqlite:target.db']],
  [{}, ['copy', '--from=sqlite:users.db', '--to=sqlite:PATH']],
  [{}, ['doctor', 'http://localhost:9', '--authority=PATH']],
];

const filled = (text: string, path: string) => text.replaceAll('PATH', path);

describe('the paths of settings and arguments', () => {
  it('P80: are refused wherever they are of a shell or of Windows, and no file is made of them', async () => {
    using folder = temporaryFolder();
    const base = { SECRET_KEY, DATABASE_URL: 'sqlite:users.db', LOG_LEVEL: 'silent' };
    await runCommands(folder.path, [['migrate']], base);
    const before = readdirSync(folder.path);
    for (const path of ['~bob/x', 'C:\\data\\x'])
      for (const [settings, words] of PLACES) {
        const given = Object.entries(settings).map(([name, text]) => [name, filled(text ?? '', path)]);
        const own = Object.fromEntries(given);
        const isFile = Object.keys(own)
          .find((name) => name.endsWith('_FILE'))
          ?.replace(/_FILE$/, '');
        const environment = { ...base, ...own, ...(isFile !== undefined && { [isFile]: undefined }) };
        const line = words.map((word) => filled(word, path));
        const [ending] = await runCommands(folder.path, [line], environment);
        assert.ok(
          [1, 64, 78].includes(ending?.status ?? 0),
          `${line} ${JSON.stringify(own)}: ${ending?.status}`,
        );
        assert.match(
          String(ending?.stderr),
          path.startsWith('~') ? /which only shells know/ : /is a path of Windows/,
          `${line} ${JSON.stringify(own)}`,
        );
      }
    assert.deepEqual(readdirSync(folder.path), before);
  });

  it('P80: begin in the home folder where they begin with ~', async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'secret'), SECRET_KEY);
    const environment = {
      HOME: home,
      USERPROFILE: home,
      DATABASE_URL: 'sqlite:~/users.db',
      SECRET_KEY_FILE: '~/secret',
      LOG_LEVEL: 'silent',
    };
    // Processes of their own, because one reads its home folder from the environment that it was started with.
    for (const words of [['migrate'], ['backup', '~/copy.db']]) {
      const { status, stderr } = await runLatchkey(folder.path, words, environment);
      assert.deepEqual([status, stderr], [0, '']);
    }
    assert.deepEqual(readdirSync(home).sort(), ['copy.db', 'secret', 'users.db']);
    assert.equal(existsSync(join(folder.path, '~')), false);
  });
});
