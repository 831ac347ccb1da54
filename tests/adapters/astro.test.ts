import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExampleInstallation, installExample } from '../kit/example-installation.ts';
import { describeBrowserVisit } from './browser-visit.ts';
import { describeAdapter, type ExampleApplication } from './contract.ts';

const ASTRO = 'astro/bin/astro.mjs';

let installation: ExampleInstallation & Disposable;
before(async () => {
  installation = await installExample('astro');
  await installation.runInstalled([ASTRO, 'build'], environment);
});
after(() => installation[Symbol.dispose]());

const folder = () => installation.folder;
const environment = { ASTRO_TELEMETRY_DISABLED: '1' };

describe('latchkey/astro', () => {
  it('has types that fit those of Astro', async () => {
    await installation.runInstalled(['typescript/bin/tsc', '--noEmit', '-p', '.']);
  });
});

const built: ExampleApplication = {
  name: 'Astro, built',
  folder,
  args: () => ['dist/server/entry.mjs'],
  environment,
  started: 'Server listening on',
};
describeAdapter(built);
describeBrowserVisit(built);

describeAdapter({
  name: 'Astro, in development',
  folder,
  args: () => [join('node_modules', ASTRO), 'dev'],
  environment,
  started: 'Local',
  reload: () => {
    for (const file of ['auth', 'notes'])
      appendFileSync(join(folder(), 'src', `${file}.ts`), '\n// Changed.\n');
  },
});
