import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type Installation, installPackage, run } from '../kit/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const COMPILE = '--noEmit --strict --module nodenext --target es2024 --types node --skipLibCheck false'.split(
  ' ',
);

const HONO = `import { Hono } from 'hono';
import { createLatchkey, type SignedInVariables } from 'latchkey';
import { latchkeyPages, loginRequired } from 'latchkey/hono';
const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:' });
export const app = new Hono<SignedInVariables>()
  .use(latchkeyPages(latchkey))
  .get('/mine', latchkey.loginRequired, (context) => context.text(context.get('user').username))
  .get('/notes', loginRequired(latchkey, { fresh: true }), (context) => context.text(context.get('session').id));
`;

describe('the packed package', () => {
  let installation: Installation & Disposable;
  before(async () => {
    installation = await installPackage();
  });
  after(() => installation[Symbol.dispose]());

  it('has no fault that publint finds', async () => {
    const pkgDir = join(installation.folder, 'node_modules/latchkey');
    const { messages, pkg } = await publint({ pkgDir, level: 'suggestion', strict: true, pack: false });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg, { color: false })),
      [],
    );
  });

  it('has types wherever ECMAScript modules are resolved', async () => {
    const tarball = createPackageFromTarballData(new Uint8Array(readFileSync(installation.tarball)));
    const analysis = await checkPackage(tarball);
    assert.ok(analysis.types !== false);
    // CommonJS loads the modules by require(esm); Node.js 10 knew no exports.
    const problems = analysis.problems.filter(
      (problem) =>
        problem.kind !== 'CJSResolvesToESM' &&
        !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    );
    assert.deepEqual(problems, []);
  });

  it('compiles in an application with another version of Hono than its own', async () => {
    const { folder } = installation;
    const own = join(folder, 'node_modules/latchkey/node_modules');
    mkdirSync(own);
    renameSync(join(folder, 'node_modules/hono'), join(own, 'hono'));
    symlinkSync(join(root, 'node_modules/hono-of-another-version'), join(folder, 'node_modules/hono'));
    writeFileSync(join(folder, 'hono.ts'), HONO);
    await run([join(root, 'node_modules/typescript/bin/tsc'), ...COMPILE, 'hono.ts'], { folder });
  });
});
