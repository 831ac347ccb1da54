import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExampleInstallation, installExample } from '../kit/example-installation.ts';
import { freePort } from '../kit/temporary.ts';
import { describeBrowserVisit } from './browser-visit.ts';
import { describeAdapter, type ExampleApplication } from './contract.ts';

const VITE = 'vite/bin/vite.js';

let installation: ExampleInstallation & Disposable;
let port: number;
before(async () => {
  installation = await installExample('sveltekit');
  // A build knows its origin.
  port = await freePort();
  await installation.runInstalled([VITE, 'build'], { PORT: String(port) });
});
after(() => installation[Symbol.dispose]());

const folder = () => installation.folder;

describe('latchkey/sveltekit', () => {
  it('has types that fit those of SvelteKit', async () => {
    await installation.runInstalled(['typescript/bin/tsc', '--noEmit', '-p', '.']);
  });
});

const built: ExampleApplication = {
  name: 'SvelteKit, built',
  folder,
  port: () => port,
  args: () => ['build'],
  started: 'Listening on',
};
describeAdapter(built);
describeBrowserVisit(built);

describeAdapter({
  name: 'SvelteKit, in development',
  folder,
  args: () => [join('node_modules', VITE), 'dev'],
  started: 'Local',
  reload: () => {
    for (const file of ['auth', 'notes'])
      appendFileSync(join(folder(), 'src', `${file}.server.ts`), '\n// Changed.\n');
  },
});
