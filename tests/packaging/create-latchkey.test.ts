import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { templateNames } from '../../scripts/packages/templates.ts';
import { installCreate } from '../kit/created-application.ts';
import { NPM } from '../kit/example-installation.ts';
import { type Installation, installPackage, run, runProgram } from '../kit/processes.ts';
import { assertSignsIn } from '../kit/started-application.ts';
import { freePort } from '../kit/temporary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The templates whose framework is installed here; `templates.test.ts` installs the others. */
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
      const port = await freePort();
      const environment = { ...NPM, PORT: String(port) };
      await assertSignsIn({ folder, command: 'npm start', port, environment, basePath: '' });
      assert.ok(existsSync(join(folder, 'data/notes.db')));
    });
});
