import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from '../../tests/kit/processes.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

const INDEX = JSON.stringify(new URL('../index.ts', import.meta.url).href);

/** Runs a program that uses the library, and returns the events that it has logged. */
async function eventsOf(program: string) {
  using folder = temporaryFolder();
  const url = JSON.stringify(`sqlite:${join(folder.path, 'users.db')}`);
  const source = `const { createLatchkey } = await import(${INDEX});
    const options = { databaseUrl: ${url}, secretKey: 'Zm9yIHRlc3RzIG9ubHkgYW5kIG5vdGhpbmcgZWxzZSE' };
    ${program}`;
  const words = ['--conditions=latchkey-source', '--input-type=module', '-e', source];
  const { status, stdout, stderr } = await runProgram(words, { folder: folder.path });
  assert.equal(status, 0, stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

describe('several instances in one process', () => {
  it('P76: are warned of from the fourth open one on a database on, and not where they are closed', async () => {
    const events = await eventsOf(`
      const make = (more = {}) => createLatchkey({ ...options, ...more });
      const open = [make(), make(), make()];
      for (const latchkey of open) { await latchkey.close(); await latchkey.close(); }
      // Other databases, and one at a time.
      const others = Array.from({ length: 6 }, () => make({ databaseUrl: 'sqlite::memory:' }));
      for (let number = 0; number < 6; number += 1) await make().close();
      const many = [make(), make(), make(), make(), make()];
      await Promise.all([...others, ...many].map((latchkey) => latchkey.close()));
    `);
    const warned = events.filter(({ event }) => event === 'instances-open');
    assert.deepEqual(
      warned.map(({ level, open }) => [level, open]),
      [
        ['warn', 4],
        ['warn', 5],
      ],
    );
    assert.match(String(warned[0]?.['explanation']), /onePerProcess\(\(\) => createLatchkey\(…\)\)/);
  });

  it('P73: notice once that a router has removed the base path', async () => {
    const events = await eventsOf(`
      const latchkey = createLatchkey({ ...options, databaseUrl: 'sqlite::memory:', basePath: '/auth' });
      for (const path of ['/auth/login', '/', '/healthz', '/nothing', '/login', '/register', '/assets/x.css'])
        await latchkey.fetch(new Request('http://localhost:3000' + path), { address: '127.0.0.1' });
      const atRoot = createLatchkey({ ...options, databaseUrl: 'sqlite::memory:' });
      await atRoot.fetch(new Request('http://localhost:3000/nothing'), { address: '127.0.0.1' });
      await latchkey.close();
      await atRoot.close();
    `);
    const warned = events.filter(({ event }) => event === 'base-path-removed');
    assert.equal(warned.length, 1);
    assert.match(String(warned[0]?.['explanation']), /removed \/auth .* mount Latchkey at the root/);
  });
});
