import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExampleInstallation, installExample } from '../kit/example-installation.ts';
import { startProgram } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA, createVisitor } from '../kit/visitor.ts';
import { sendRaw } from '../kit/wire.ts';
import { describeAdapter } from './contract.ts';

const NEXT = 'next/dist/bin/next';
const LOGIN = '/auth/login';

let installation: ExampleInstallation & Disposable;
let hasBuildOpened: boolean;
before(async () => {
  installation = await installExample('next');
  // It checks the types, too.
  await installation.runInstalled([NEXT, 'build'], { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });
  hasBuildOpened = existsSync(join(installation.folder, 'data'));
});
after(() => installation[Symbol.dispose]());

const folder = () => installation.folder;
const standalone = () => join(folder(), '.next/standalone');

/** As in a container: Next.js then takes 0.0.0.0 for its own host. */
const CONTAINER = { HOSTNAME: '0.0.0.0', NODE_ENV: 'production' };

describeAdapter({
  name: 'Next.js, built as standalone',
  folder: standalone,
  args: () => ['server.js'],
  environment: CONTAINER,
  basePath: '/auth',
  started: 'Ready in',
});

let edits = 0;
function edit(path: string, change: (text: string) => string): void {
  const file = join(folder(), path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

describeAdapter({
  name: 'Next.js, in development',
  folder,
  args: (port) => [join('node_modules', NEXT), 'dev', '--port', String(port)],
  environment: { NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' },
  basePath: '/auth',
  started: 'Ready in',
  reload: () => {
    edits += 1;
    edit('auth.ts', (text) => `${text}// Changed.\n`);
    edit('app/page.tsx', (text) => text.replace(/You are signed out[^.]*/, `You are signed out (${edits})`));
  },
  isReloaded: async (visitor) => (await visitor.get('/')).body.includes(`signed out (${edits})`),
});

/** The application as it was built. */
async function startBuilt(environment: NodeJS.ProcessEnv) {
  const port = await freePort();
  const program = startProgram(['server.js'], {
    folder: standalone(),
    environment: { ...CONTAINER, PORT: String(port), DATABASE_URL: 'sqlite::memory:', ...environment },
  });
  await program.says('Ready in');
  return { port, [Symbol.asyncDispose]: program[Symbol.asyncDispose] };
}

describe('latchkey/next', () => {
  it('opens no database in a build', () => {
    assert.equal(hasBuildOpened, false);
  });

  it('A28: serves the host of its public origin behind a proxy, and no other one', async () => {
    const site = { BASE_URL: 'https://notes.example', SECRET_KEY, TRUSTED_PROXIES: 'loopback' };
    await using app = await startBuilt(site);
    const ask = async (host: string, path: string) =>
      (
        await sendRaw(
          app.port,
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n`,
        )
      ).text;
    // Next.js has not been loaded before: the client sends its first request again.
    assert.match(await ask('notes.example', LOGIN), /^HTTP\/1\.1 (?:200|307) /);
    assert.match(await ask('notes.example', LOGIN), /^HTTP\/1\.1 200 /);
    assert.match(await ask('notes.example', '/notes'), /^location: \/auth\/login\?next=%2Fnotes\r$/im);
    assert.match(await ask('evil.example', LOGIN), /^HTTP\/1\.1 421 /);
  });

  it('signs users out by a server action, and refuses one from a sibling origin (A29)', async () => {
    await using app = await startBuilt({});
    const ada = createVisitor(fetch, `http://localhost:${app.port}`);
    await ada.submit('/auth/register', ADA);
    await ada.submit(LOGIN, ADA);
    const forms = (await ada.get('/notes')).body.split('<form');
    const leave = forms.find((form) => form.includes('by a server action')) ?? assert.fail('no such form');
    const fields = new FormData();
    for (const [, name = ''] of leave.matchAll(/<input type="hidden" name="([^"]*)"/g))
      fields.append(name, '');
    // A page that no proxy guards can call the action, too.
    const sibling = { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' };
    assert.notEqual((await ada.post('/', fields, sibling)).status, 303);
    assert.equal((await ada.get('/notes')).status, 200);
    const left = await ada.post('/notes', fields);
    assert.deepEqual([left.status, left.location], [303, LOGIN]);
    assert.ok(![...ada.cookies.keys()].some((name) => /^latchkey\d*$/.test(name)));
    assert.equal((await ada.get('/notes')).status, 303);
  });
});
