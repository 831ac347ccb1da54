import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Installation, installPackage } from '../kit/processes.ts';
import { describeAdapter } from './contract.ts';

/** The examples that need nothing but their framework, with the packed package instead of its source. */
let installation: (Installation & Disposable) | undefined;
before(async () => {
  installation = await installPackage();
  const examples = fileURLToPath(new URL('../../examples', import.meta.url));
  cpSync(examples, join(installation.folder, 'examples'), { recursive: true });
});
after(() => installation?.[Symbol.dispose]());

for (const name of ['node', 'express', 'fastify', 'hono'])
  describeAdapter({
    name,
    args: () => [join(installation?.folder ?? assert.fail('not installed'), 'examples', name, 'main.ts')],
  });
