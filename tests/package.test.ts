import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { everySetting } from '../src/read-settings.ts';
import { describeAdapter } from './adapters/contract.ts';
import { readDocument, samplesIn } from './kit/documents.ts';
import { type Installation, installPackage, run, runProgram, startProgram } from './kit/processes.ts';
import { freePort } from './kit/temporary.ts';
import { installTestRunners } from './kit/test-runners.ts';
import { ADA, createVisitor } from './kit/visitor.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const JAVASCRIPT = `import { serve } from '@hono/node-server';
import { createLatchkey } from 'latchkey';
const port = Number(process.env.PORT);
const { fetch } = createLatchkey({ port });
serve({ fetch, port, hostname: 'localhost' }, () => console.log('ready'));
`;

const TYPESCRIPT = `import { Hono } from 'hono';
import { createLatchkey, DatabaseStartError, type Options, SettingsError, type SignedIn } from 'latchkey';

export const options: Options = { databaseUrl: 'sqlite::memory:', sessionIdle: '12h', port: 3000 };
// @ts-expect-error: a misspelt setting
export const misspelt: Options = { sessionIdel: '12h' };
// @ts-expect-error: no duration
export const wordy: Options = { sessionIdle: 'soon' };
export const typed: Options = {
  baseUrl: new URL('http://localhost:3000'),
  secretKey: process.env.SECRET_KEY,
  trustedProxies: ['loopback'],
  magicLink: true,
  email: 'optional',
  oidcAcmeIssuer: 'https://id.example.org',
  oidcAcmeTrustEmail: true,
};
// @ts-expect-error: a misspelt setting of a provider
export const misspeltProvider: Options = { oidcAcmeIsuer: 'https://id.example.org' };
export const { fetch, session, loginRequired, ready, close } = createLatchkey(options);
export const who: Promise<SignedIn | null> = session(new Request('http://localhost:3000/'));
export const counted: Promise<string> = createLatchkey(options).metrics();
export const page: Promise<Response> = fetch(new Request('http://localhost:3000/login'));
export const app = new Hono().get('/', loginRequired, (context) => context.text(context.get('user').username));
export const isFault = (error: unknown): boolean => error instanceof SettingsError && error.faults.length > 0;
export const isOutage = (error: unknown): boolean => error instanceof DatabaseStartError;
`;

/** An application and its tests. */
const samples = samplesIn('docs/testing-your-application.md');

let installation: Installation & Disposable;
before(async () => {
  installation = await installPackage();
  const { folder } = installation;
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  installTestRunners(folder);
  for (const [name, content] of samples) writeFileSync(join(folder, name), content);
});
after(() => installation[Symbol.dispose]());

// The examples that need nothing but their framework.
for (const name of ['node', 'express', 'fastify', 'hono'])
  describeAdapter({ name, args: () => [join(installation.folder, 'examples', name, 'main.ts')] });

describe('the package', () => {
  it('contains the compiled code, its documents, and nothing else', () => {
    const permitted =
      /^(?:package\.json|LICENSE|(?:README|CHANGELOG|CONTRIBUTING|SECURITY|docs\/(?:(?:decisions|library)\/)?[\w-]+)\.md|docs\/images\/[\w-]+\.png|bin\/latchkey\.js|dist\/.+)$/;
    assert.deepEqual(
      installation.files.filter((file) => !permitted.test(file)),
      [],
    );
    const built = installation.files.filter((file) => file.startsWith('dist/'));
    const data = built.filter((file) => !/\.(?:js|js\.map|d\.ts)$/.test(file));
    assert.deepEqual(data.sort(), [
      'dist/LICENSES.txt',
      'dist/features/passwords/policy/blocklist.bin',
      'dist/platform/text/lookalikes.json',
      'dist/platform/web/pages/assets/icon.svg',
      'dist/platform/web/pages/assets/latchkey.css',
    ]);
    const joined = /^dist\/(?:chunks|types)\/|\.js\.map$|^dist\/LICENSES\.txt$/;
    const withoutSource = built.filter((file) => {
      const path = join(root, file.replace('dist/', 'src/'));
      const hasSource = existsSync(path) || existsSync(path.replace(/\.(?:js|d\.ts)$/, '.ts'));
      return !joined.test(file) && !hasSource;
    });
    assert.deepEqual(withoutSource, []);
    assert.ok(built.length < 100, 'modules are joined');
    // V8 keeps the text of a module in memory, in twice the space if one character does not fit into a byte.
    const compiled = built.filter(
      (file) => file.endsWith('.js') && !existsSync(join(root, file.replace('dist/', 'src/'))),
    );
    for (const path of compiled) {
      const text = readFileSync(join(installation.folder, 'node_modules/latchkey', path), 'utf8');
      assert.doesNotMatch(text, /[^\0-\x7F]|^ *\/\*\*/m, path);
    }
    assert.deepEqual(
      built.filter((file) => file.includes('.test.')),
      [],
    );
  });

  it('takes a user from registration to the dashboard when used from plain JavaScript', async () => {
    const { folder } = installation;
    const port = await freePort();
    writeFileSync(join(folder, 'application.js'), JAVASCRIPT);
    await using program = startProgram(['application.js'], { folder, environment: { PORT: String(port) } });
    await program.says('ready');
    const visitor = createVisitor(fetch, `http://localhost:${port}`);
    assert.equal((await visitor.register(ADA.username, ADA.password)).location, '/login');
    assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.match((await visitor.get('/dashboard')).body, /Welcome to your dashboard!/);
  });

  it('has tools with which the tests of an application pass', async () => {
    const names = [...samples.keys()].filter((name) => name.endsWith('.test.ts'));
    assert.deepEqual(names, ['notes.test.ts', 'password.test.ts']);
    const all = names.map((name) => `import './${name}';`).join('\n');
    writeFileSync(join(installation.folder, 'all-tests.ts'), all);
    const report = await run(['all-tests.ts'], { folder: installation.folder });
    assert.match(report, / pass 3$/m);
  });

  it('has types with which a strict application and the samples of the documents compile', async () => {
    const { folder } = installation;
    writeFileSync(join(folder, 'application.ts'), TYPESCRIPT);
    const [, sample = ''] = readDocument('README.md').match(/```ts\n(.*?)```/s) ?? [];
    writeFileSync(join(folder, 'readme.ts'), sample);
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const words =
      '--noEmit --strict --exactOptionalPropertyTypes --allowImportingTsExtensions --module nodenext --target es2024 --types node --skipLibCheck false'.split(
        ' ',
      );
    await run([compiler, ...words, 'application.ts', 'readme.ts', ...samples.keys()], { folder });
  });

  it('provides a command that prints its version and its settings', async () => {
    const { folder, version } = installation;
    // Started by its name, as npx does: the file must be executable and have a shebang.
    const command = join(folder, 'node_modules', '.bin', 'latchkey');
    const environment = { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` };
    assert.equal(await run(['--version'], { folder, command, environment }), `${version}\n`);
    const settings: unknown = JSON.parse(await run(['settings', '--json'], { folder, command, environment }));
    const names = z
      .array(z.object({ name: z.string() }))
      .parse(settings)
      .map(({ name }) => name);
    assert.deepEqual(
      names,
      everySetting.map(({ name }) => name),
    );
  });

  it('names the two packages that dev-cert needs if the application has not installed them', async () => {
    const { folder } = installation;
    const command = join(folder, 'node_modules', 'latchkey', 'bin', 'latchkey.js');
    const { status, stderr } = await runProgram([command, 'dev-cert'], { folder });
    assert.equal(status, 1);
    assert.match(stderr, /^dev-cert needs two packages; run: npm install --save-dev pkijs asn1js .*\n$/);
    assert.ok(!existsSync(join(folder, 'data', 'dev-key.pem')), 'nothing is created');
  });
});
