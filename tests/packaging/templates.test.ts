import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { templateNames } from '../../scripts/packages/templates.ts';
import { installCreate } from '../kit/created-application.ts';
import { folderOnDisk, installWith, NPM, QUIET } from '../kit/example-installation.ts';
import { pack, run } from '../kit/processes.ts';
import { assertSignsIn } from '../kit/started-application.ts';
import { freePort, type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The templates of frameworks that are built, and where the pages of Latchkey are in each. */
const TEMPLATES = { astro: '', next: '/auth', nuxt: '', 'react-router': '', sveltekit: '' };

// Installing a framework is mostly waiting.
describe('a template of create-latchkey', { concurrency: 2 }, () => {
  let temporary: TemporaryFolder;
  let tarball: string;
  let command: string;
  before(async () => {
    temporary = temporaryFolder();
    tarball = await pack(temporary);
    command = await installCreate(join(temporary.path, 'create'));
  });
  after(() => temporary[Symbol.dispose]());

  it('is tried here, or in create-latchkey.test.ts where nothing is built', () => {
    const isBuilt = (name: string) => existsSync(join(root, 'examples', name, 'package.json'));
    assert.deepEqual(Object.keys(TEMPLATES), templateNames(root).filter(isBuilt));
  });

  for (const [template, basePath] of Object.entries(TEMPLATES))
    it(`is an application that can be installed, developed, built and started: ${template}`, async () => {
      using disk = folderOnDisk();
      const folder = join(disk.path, 'notes');
      await run([command, folder, '--template', template], { folder: disk.path });
      await installWith(tarball, folder);
      // A build of SvelteKit knows its origin.
      const port = await freePort();
      const environment = { ...NPM, ...QUIET, PORT: String(port) };
      const application = { folder, port, environment, basePath };
      await assertSignsIn({ ...application, command: 'npm run dev' });
      rmSync(join(folder, 'data'), { recursive: true });
      await run(['run', 'build'], { folder, command: 'npm', environment });
      assert.ok(!existsSync(join(folder, 'data')), 'a build opens no database');
      await assertSignsIn({ ...application, command: 'npm start' });
    });
});
