import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const patches = globSync('tests/mutations/**/*.patch', { cwd: root });

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The file that a patch changes, and the lines that it expects there. */
function hunkOf(patch: string): { readonly path: string; readonly before: string } {
  const [, path = '', hunk = ''] = /^\+\+\+ b\/(\S+)\n@@ .*? @@.*?\n(.*)/ms.exec(textOf(patch)) ?? [];
  const lines = hunk.split('\n').filter((line) => line.startsWith(' ') || line.startsWith('-'));
  return { path, before: lines.map((line) => line.slice(1)).join('\n') };
}

describe('a known defect', () => {
  it('can still be made in the code as it is', () => {
    assert.ok(patches.length >= 80);
    for (const patch of patches) {
      const { path, before } = hunkOf(patch);
      assert.ok(textOf(path).includes(before), `${patch} fits ${path} no more`);
    }
  });

  it('says in its head what it does and which test files could catch it', () => {
    for (const patch of patches) {
      const [sentence = '', tests = '', engines = ''] = textOf(patch).split('\n');
      assert.match(sentence, /^[A-Z].*\.$/, patch);
      assert.match(tests, /^Tests: \S/, patch);
      for (const path of tests.slice('Tests: '.length).split(' '))
        assert.ok(existsSync(join(root, path)), `${patch}: there is no ${path}`);
      assert.ok(engines === '' || engines === 'Engines: all', `${patch}: ${engines}`);
    }
  });

  it('changes one line of the source or of a file for deployment', () => {
    for (const patch of patches) {
      const lines = textOf(patch).split('\n');
      const changed = (sign: string) =>
        lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
      assert.ok(changed('-').length <= 1 && changed('+').length <= 1, patch);
      assert.ok(
        lines.some((line) => /^\+\+\+ b\/(?:src|deploy)\/(?!.*\.test\.ts)/.test(line)),
        patch,
      );
    }
  });
});
