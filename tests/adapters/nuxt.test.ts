import assert from 'node:assert/strict';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExampleInstallation, installExample } from '../kit/example-installation.ts';
import { describeBrowserVisit } from './browser-visit.ts';
import { describeAdapter, type ExampleApplication } from './contract.ts';

const NUXT = '@nuxt/cli/bin/nuxi.mjs';

let installation: ExampleInstallation & Disposable;
let hasBuildOpened: boolean;
before(async () => {
  installation = await installExample('nuxt');
  await installation.runInstalled([NUXT, 'build'], environment);
  hasBuildOpened = existsSync(join(installation.folder, 'data'));
});
after(() => installation[Symbol.dispose]());

const folder = () => installation.folder;
const environment = { NUXT_TELEMETRY_DISABLED: '1' };

describe('latchkey/nuxt', () => {
  it('has types that fit those of Nuxt', async () => {
    await installation.runInstalled(['vue-tsc/bin/vue-tsc.js', '-b', '--noEmit']);
  });

  it('opens no database in a build', () => {
    assert.equal(hasBuildOpened, false);
  });
});

const built: ExampleApplication = {
  name: 'Nuxt, built',
  folder,
  args: () => ['.output/server/index.mjs'],
  environment,
  started: 'Listening on',
};
describeAdapter(built);
describeBrowserVisit(built);

describeAdapter({
  name: 'Nuxt, in development',
  folder,
  args: () => [join('node_modules', NUXT), 'dev'],
  environment,
  started: 'Local',
  reloadsInThread: true,
  reload: () => {
    for (const file of ['auth', 'notes'])
      appendFileSync(join(folder(), 'server', `${file}.ts`), '\n// Changed.\n');
  },
});
