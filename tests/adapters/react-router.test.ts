import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExampleInstallation, installExample } from '../kit/example-installation.ts';
import { describeBrowserVisit } from './browser-visit.ts';
import { describeAdapter, type ExampleApplication } from './contract.ts';

const REACT_ROUTER = '@react-router/dev/bin.cjs';

let installation: ExampleInstallation & Disposable;
before(async () => {
  installation = await installExample('react-router');
  await installation.runInstalled([REACT_ROUTER, 'build']);
});
after(() => installation[Symbol.dispose]());

const folder = () => installation.folder;

describe('latchkey/react-router', () => {
  it('has types that fit those of React Router', async () => {
    await installation.runInstalled([REACT_ROUTER, 'typegen']);
    await installation.runInstalled(['typescript/bin/tsc', '-p', '.']);
  });
});

const built: ExampleApplication = {
  name: 'React Router, built',
  folder,
  args: () => ['node_modules/@react-router/serve/bin.cjs', 'build/server/index.js'],
  started: '[react-router-serve]',
};
describeAdapter(built);
describeBrowserVisit(built);

describeAdapter({
  name: 'React Router, in development',
  folder,
  // Without the condition it would start another process with it.
  args: () => ['--conditions=development', join('node_modules', REACT_ROUTER), 'dev'],
  started: 'Local',
  reload: () => {
    for (const file of ['auth', 'notes'])
      appendFileSync(join(folder(), 'app', `${file}.server.ts`), '\n// Changed.\n');
  },
});
