import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { type Installation, installPackage, runProgram, startProgram } from '../kit/processes.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA, createVisitor } from '../kit/visitor.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Vite sets `NODE_ENV` of this process, with which npm would leave out what other tests of it install for development. */
function keepNodeEnvironment(): Disposable {
  const { NODE_ENV: before } = process.env;
  return {
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = before;
    },
  };
}

describe('an application that is bundled', () => {
  let installation: Installation & Disposable;
  before(async () => {
    installation = await installPackage();
    cpSync(join(root, 'examples'), join(installation.folder, 'examples'), { recursive: true });
  });
  after(() => installation[Symbol.dispose]());

  const bundleWithEsbuild = async (name: string, packages: 'external' | 'bundle') => {
    const { folder } = installation;
    const outfile = join(folder, `built-${packages}-${name}.mjs`);
    await esbuild({
      absWorkingDir: folder,
      entryPoints: [join(folder, `examples/${name}/main.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages,
      external: packages === 'bundle' ? ['@node-rs/argon2', 'express'] : [],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'silent',
    });
    return outfile;
  };

  /** Registers and signs in, up to a guarded page. */
  const assertSignsIn = async (file: string, database: string) => {
    const { folder } = installation;
    const port = await freePort();
    const environment = { PORT: String(port), DATABASE_URL: `sqlite:${database}.db` };
    await using program = startProgram([file], { folder, environment });
    await program.says('Notes are at');
    const ada = createVisitor(fetch, `http://localhost:${port}`);
    await ada.register(ADA.username, ADA.password);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
    assert.match((await ada.get('/notes')).body, /Notes of Ada/);
  };

  it('signs users in after esbuild with external packages', async () =>
    assertSignsIn(await bundleWithEsbuild('express', 'external'), 'esbuild'));

  it('signs users in after Vite’s build for servers', async () => {
    const { folder } = installation;
    using _environment = keepNodeEnvironment();
    await vite({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: { ssr: 'examples/hono/main.ts', outDir: 'built-vite', target: 'node22' },
    });
    await assertSignsIn(join(folder, 'built-vite/main.js'), 'vite');
  });

  it('says at its start what to do if Latchkey was bundled into it', async () => {
    const file = await bundleWithEsbuild('express', 'bundle');
    const { status, stderr } = await runProgram([file], { folder: installation.folder });
    assert.equal(status, 1);
    assert.match(stderr, /Latchkey has been bundled.*--external:latchkey/s);
  });
});
