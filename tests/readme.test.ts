import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { withSettingsTable } from '../scripts/docs/settings-table.ts';
import { withTokensTable } from '../scripts/docs/tokens-table.ts';
import { issuerDefinitions } from '../src/features/external-sign-in/index.ts';
import { commonPasswords } from '../src/features/passwords/policy/blocklist.ts';
import { settingDefinitions } from '../src/settings.ts';
import { brokenLinks, documents, firstCells, readDocument } from './kit/documents.ts';
import { runProgram } from './kit/processes.ts';
import { composedFeatures } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readDocument('README.md');
const names = z.record(z.string(), z.string());
const manifest = z
  .object({ scripts: names, dependencies: names, devDependencies: names })
  .parse(JSON.parse(readDocument('package.json')));

/** The words that follow a command wherever a document names it as code. */
function wordsAfter(command: string, text: string): readonly string[] {
  const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([piece]) => piece).join('\n');
  return [...code.matchAll(new RegExp(`\\b${command} ([a-z][a-z:-]*)`, 'g'))].map(([, word = '']) => word);
}

/** The verbs that the command line itself tells of. */
async function verbs(): Promise<readonly string[]> {
  const help = await runProgram([join(root, 'bin/latchkey.js'), '--help'], { folder: root });
  return [...help.stdout.matchAll(/^ {2}([\w-]+) /gm)].map(([, verb = '']) => verb);
}

describe('README.md', () => {
  it('documents every setting as it is defined', () => {
    assert.equal(withSettingsTable(readme), readme, 'run: npm run docs');
    const told = firstCells(readme, 'Settings');
    assert.deepEqual(
      told,
      [...Object.values(settingDefinitions), ...Object.values(issuerDefinitions('<NAME>'))].map(
        ({ name }) => name,
      ),
    );
  });

  it('fails npm run docs -- --check when its table of settings is out of date', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'docs'));
    for (const path of ['docs/architecture.md', 'docs/oauth.md'])
      writeFileSync(join(folder.path, path), readDocument(path));
    const check = async (text: string) => {
      writeFileSync(join(folder.path, 'README.md'), text);
      return runProgram([join(root, 'scripts/build-docs.ts'), '--check'], { folder: folder.path });
    };
    assert.equal((await check(readme)).status, 0);
    const stale = await check(readme.replace('| `24h` |', '| `48h` |'));
    assert.equal(stale.status, 1);
    assert.match(stale.stderr, /npm run docs/);
  });

  it('states how many common passwords are refused', () => {
    assert.ok(readme.includes(commonPasswords().size.toLocaleString('en')));
  });

  it('names every verb of the command line', async () => {
    const named = wordsAfter('latchkey', readme);
    for (const verb of await verbs()) assert.ok(named.includes(verb), verb);
  });
});

describe('the documents', () => {
  for (const path of documents()) {
    it(`contain no broken link: ${path}`, () => assert.deepEqual(brokenLinks(path), []));
  }

  it('describe every one-time token as its feature declares it, each purpose in one feature only', async () => {
    const features = await composedFeatures();
    const architecture = readDocument('docs/architecture.md');
    assert.equal(withTokensTable(architecture, features), architecture, 'run: npm run docs');
    const purposes = features.flatMap(({ tokens = [] }) => tokens.map(({ name }) => name));
    assert.ok(purposes.includes('invitation'));
    assert.equal(new Set(purposes).size, purposes.length);
  });

  it('name only commands that exist', async () => {
    const known = await verbs();
    assert.ok(known.includes('serve'));
    for (const path of documents()) {
      const text = readDocument(path);
      const short = wordsAfter('npm', text).filter((word) => word === 'start' || word === 'test');
      for (const script of [...wordsAfter('npm run', text), ...short]) {
        assert.ok(script in manifest.scripts, `${path}: npm run ${script}`);
      }
      for (const verb of wordsAfter('latchkey', text))
        assert.ok(known.includes(verb), `${path}: latchkey ${verb}`);
    }
  });

  it('give a reason for each dependency, and list no other', () => {
    const told = readDocument('docs/dependencies.md');
    const sorted = (list: Iterable<string>) => [...list].sort();
    assert.deepEqual(sorted(firstCells(told, 'At run time')), sorted(Object.keys(manifest.dependencies)));
    assert.deepEqual(
      sorted(firstCells(told, 'In development')),
      sorted(Object.keys(manifest.devDependencies)),
    );
  });
});
