import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, copySource, runProgram } from './kit/source-copy.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const LIST = 'src/latchkey.ts';

/** Deletes a feature as a developer would: its folder, its import and its entry. */
function remove(folder: string, feature: string): void {
  const entry = feature.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  rmSync(join(folder, 'src/features', feature), { recursive: true });
  const list = join(folder, LIST);
  const lines = readFileSync(list, 'utf8').split('\n');
  const rest = lines.filter(
    (line) => line !== `import { ${entry} } from './features/${feature}/index.ts';` && line !== `  ${entry},`,
  );
  assert.equal(rest.length, lines.length - 2, `${feature} is one import and one entry of ${LIST}`);
  writeFileSync(list, rest.join('\n'));
}

/** Whether a system of the copy starts, answers, and has no route below a path. */
function answers(folder: string, path: string): string {
  const program = `import { createLatchkey } from './src/index.ts';
    const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', secretKey: '${SECRET_KEY}', logLevel: 'silent' });
    await latchkey.ready;
    const status = async (path) => (await latchkey.fetch(new Request('http://localhost:3000' + path))).status;
    console.log([await status('/login'), await status('${path}')].join(' '));
    await latchkey.close();`;
  return runProgram(folder, program).trim();
}

/** Features that others add to, and where they answered. */
const REMOVED = { 'magic-link': '/login/link', 'new-device': '/not-me', 'csp-reports': '/csp-reports' };

describe('features', () => {
  // All at once: the type check takes as long as all other tests of the structure together.
  it(`can be removed with their folder, their import and their entry: ${Object.keys(REMOVED).join(', ')}`, () => {
    using folder = temporaryFolder();
    copySource(folder.path);
    for (const feature of Object.keys(REMOVED)) remove(folder.path, feature);
    assert.equal(compile(folder.path), '');
    for (const path of Object.values(REMOVED)) assert.equal(answers(folder.path, path), '200 404');
  });
});
