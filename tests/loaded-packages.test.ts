import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { run } from './kit/processes.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Prints the packages whose files are loaded until an application with these options is ready. */
const programFor = (options: object) => `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load: (url, context, next) => {
      const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? [];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  const { createLatchkey } = await import(${JSON.stringify(`${root}src/index.ts`)});
  const latchkey = createLatchkey(${JSON.stringify({ secretKey: SECRET_KEY, logLevel: 'silent', ...options })});
  await latchkey.ready;
  console.log(JSON.stringify([...packages]));
  await latchkey.close();
`;

async function packagesLoadedBy(options: object): Promise<readonly string[]> {
  using folder = temporaryFolder();
  const printed = await run(['--input-type=module', '--eval', programFor(options)], { folder: folder.path });
  return z.array(z.string()).parse(JSON.parse(printed));
}

const ON_DEMAND = [
  '@redis/client',
  'altcha-lib',
  '@simplewebauthn/server',
  'jose',
  'mysql2',
  'nodemailer',
  'oauth4webapi',
  'openid-client',
  'pg',
  'prom-client',
];

describe('an application', () => {
  it('loads no driver, Redis, mail, OpenID Connect, proof of work or process metrics before they are needed', async () => {
    const loaded = await packagesLoadedBy({ databaseUrl: 'sqlite::memory:' });
    assert.deepEqual(
      ON_DEMAND.filter((name) => loaded.includes(name)),
      [],
    );
    assert.ok(loaded.includes('kysely'), 'what is loaded is seen');
  });

  it('loads Redis if a setting asks for it, and nothing else of these', async () => {
    const loaded = await packagesLoadedBy({
      databaseUrl: 'sqlite::memory:',
      redisUrl: 'redis://127.0.0.1:1',
    });
    assert.deepEqual(
      ON_DEMAND.filter((name) => loaded.includes(name)),
      ['@redis/client'],
    );
  });
});
