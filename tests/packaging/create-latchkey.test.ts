import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { templateNames } from '../../scripts/packages/templates.ts';
import { type Installation, installPackage, run, runProgram, startProgram } from '../kit/processes.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA, createVisitor } from '../kit/visitor.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The templates whose framework is installed here; those of other frameworks are tried with their examples. */
const STARTED = ['express', 'fastify', 'hono', 'node'];

describe('create-latchkey from its tarball', () => {
  let installation: Installation & Disposable;
  let command: string;
  before(async () => {
    installation = await installPackage();
    command = await installCreate(installation.folder);
  });
  after(() => installation[Symbol.dispose]());

  const create = (...words: string[]) => runProgram([command, ...words], { folder: installation.folder });

  it('lists every example as a template', async () => {
    const { stdout } = await create('--help');
    assert.ok(stdout.includes(templateNames(root).join(', ')), stdout);
  });

  it('says what is missing or wrong, with the status of wrong usage', async () => {
    const faults = {
      'FOLDER is missing': [],
      '--template TEMPLATE is missing': ['somewhere'],
      'There is no template “cobol”': ['somewhere', '--template', 'cobol'],
      'node_modules is not empty': ['node_modules', '--template', 'express'],
      'Unexpected argument': ['one', 'two', '--template', 'express'],
    };
    for (const [message, words] of Object.entries(faults)) {
      const { status, stderr } = await create(...words);
      assert.equal(status, 64, message);
      assert.ok(stderr.startsWith(message), stderr);
    }
    assert.ok(!existsSync(join(installation.folder, 'somewhere')));
  });

  for (const template of STARTED)
    it(`creates an application that type-checks and signs users in: ${template}`, async () => {
      const { stdout } = await create(`new ${template}`, '--template', template);
      assert.match(stdout, new RegExp(`^ {2}cd 'new ${template}' && npm install\n {2}npm run dev$`, 'm'));
      const folder = join(installation.folder, `new ${template}`);
      // Without npm install: the packages are found in the folder above.
      await run([join(root, 'node_modules/typescript/bin/tsc')], { folder });
      await assertSignsIn(folder);
    });
});

async function assertSignsIn(folder: string): Promise<void> {
  const port = await freePort();
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [, file = ''] = /^node (.*)$/.exec(scripts.start) ?? [];
  await using program = startProgram([file], { folder, environment: { PORT: String(port) } });
  await program.says('Notes are at');
  const ada = createVisitor(fetch, `http://localhost:${port}`);
  await ada.register(ADA.username, ADA.password);
  assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
  assert.match((await ada.get('/notes')).body, /Notes of Ada/);
  assert.ok(existsSync(join(folder, 'data/notes.db')));
}

/** Builds and packs the command in a copy of the checkout, and unpacks the tarball. @returns the file to run */
async function installCreate(folder: string): Promise<string> {
  const checkout = join(folder, 'checkout');
  for (const path of ['package.json', 'LICENSE', 'scripts', 'examples', 'packages'])
    cpSync(join(root, path), join(checkout, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await run(['scripts/build-create.ts'], { folder: checkout });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packed = ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder];
  await run(packed, { folder: join(checkout, 'packages/create-latchkey'), command: 'npm' });
  const target = join(folder, 'create-latchkey');
  mkdirSync(target);
  const tarball = join(folder, `create-latchkey-${version}.tgz`);
  await run(['-xzf', tarball, '-C', target, '--strip-components=1'], { folder, command: 'tar' });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  return join(target, 'bin/create-latchkey.js');
}
