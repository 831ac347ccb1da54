import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommands } from '../../tests/kit/processes.ts';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

/** The values of the settings that a command prints. */
function valuesIn(stdout = '[]'): ReadonlyMap<string, string | null> {
  const all: readonly { name: string; value: string | null }[] = JSON.parse(stdout);
  return new Map(all.map(({ name, value }) => [name, value]));
}

describe('latchkey.config.ts', () => {
  it('is read by the commands instead of the environment, with its .env in development', async () => {
    using folder = temporaryFolder();
    const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
    write('.env', 'NOTES_DATABASE=sqlite:notes.db\nSITE_NAME=Ignored\n');
    write(
      'latchkey.config.ts',
      `const databaseUrl: string | undefined = process.env['NOTES_DATABASE'];
      export default {
        databaseUrl,
        secretKey: '${SECRET_KEY}',
        after: { signIn: '/notes' },
        roles: ['editor'],
      };`,
    );
    const [settings, none, created, listed] = await runCommands(
      folder.path,
      [['settings', '--json'], ['user', 'list', '--json'], ['migrate'], ['user', 'list', '--json']],
      { PORT: '4999' },
    );
    const values = valuesIn(settings?.stdout);
    const names = ['DATABASE_URL', 'AFTER_SIGN_IN', 'SITE_NAME', 'PORT', 'SIGN_OUT_CLEARS'];
    assert.deepEqual(
      names.map((name) => values.get(name)),
      ['sqlite:notes.db', '/notes', 'Latchkey', '3000', 'none'],
    );
    assert.match(String(none?.stderr), /there is no database yet/);
    assert.deepEqual([created?.status, listed?.status], [0, 0], `${created?.stderr}${listed?.stderr}`);
    assert.deepEqual(JSON.parse(listed?.stdout ?? ''), []);
  });

  it('has faults that name its options, and says what it has to export', async () => {
    const faultOf = async (text: string) => {
      using folder = temporaryFolder();
      writeFileSync(join(folder.path, 'latchkey.config.js'), text);
      const [result] = await runCommands(folder.path, [['settings']]);
      return result?.stderr;
    };
    assert.match(
      String(await faultOf("export default { sesionIdle: '1h', after: { signIn: '//evil.example' } };")),
      /sesionIdle: is not an option; did you mean sessionIdle\?/,
    );
    assert.match(String(await faultOf("export default { sessionIdle: 'soon' };")), /^sessionIdle: "soon"/);
    assert.match(
      String(await faultOf('export const options = {};')),
      /latchkey\.config\.js has no default export/,
    );
    assert.match(
      String(await faultOf("throw new Error('no such secret');")),
      /cannot be loaded: no such secret/,
    );
  });
});
