import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCommands } from '../../tests/kit/processes.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';
import { settingsFromOptions } from '../read-settings.ts';

describe('latchkey secret', () => {
  it('prints a new secret each time, and nothing else on stdout', async () => {
    using folder = temporaryFolder();
    const endings = await runCommands(folder.path, [['secret'], ['secret'], ['secret', '--json']]);
    const [one = '', other = '', json = ''] = endings.map(({ stdout }) => stdout);
    const secrets = [one, other, `${JSON.parse(json).secret}\n`];
    // 64 characters of base64url are 384 bits.
    for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{64}\n$/);
    assert.equal(new Set(secrets).size, 3);
    for (const { status, stderr } of endings) {
      assert.equal(status, 0);
      assert.match(stderr, /SECRET_KEY_FILE or PASSWORD_PEPPER_FILE/);
    }
  });

  it('prints secrets that the settings accept, alone or beside an older one', async () => {
    using folder = temporaryFolder();
    const endings = await runCommands(folder.path, [['secret'], ['secret']]);
    const [fresh = '', old = ''] = endings.map(({ stdout }) => stdout.trim());
    const settings = settingsFromOptions({
      baseUrl: 'https://login.example.org',
      secretKey: `${fresh},${old}`,
      passwordPepper: fresh,
    });
    assert.deepEqual([settings.secretKeys, settings.passwordPepper], [[fresh, old], [fresh]]);
  });
});
