import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { attackTests, withAttackTests } from '../scripts/docs/attack-tests.ts';
import { withCookiesTable } from '../scripts/docs/cookies-table.ts';
import { withEmailsTables } from '../scripts/docs/emails-table.ts';
import { withEventsTable } from '../scripts/docs/events-table.ts';
import { optionsFile } from '../scripts/docs/options-file.ts';
import { defaultOf, everySetting, withSettingsTables } from '../scripts/docs/settings-table.ts';
import { withTokensTable } from '../scripts/docs/tokens-table.ts';
import { commonPasswords } from '../src/features/passwords/policy/blocklist.ts';
import { cookies, eventDefinitions } from '../src/latchkey.ts';
import { readTables } from '../src/operations/copy/tables.ts';
import { brokenLinks, documents, firstCells, readDocument } from './kit/documents.ts';
import { runProgram } from './kit/processes.ts';
import { textOf } from './kit/sources.ts';
import { composedFeatures } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = z.record(z.string(), z.string());
const manifest = z
  .object({ scripts: names, dependencies: names, devDependencies: names })
  .parse(JSON.parse(readDocument('package.json')));

/** The words that follow a command in the code of a document. */
function wordsAfter(command: string, text: string): readonly string[] {
  const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([piece]) => piece).join('\n');
  return [...code.matchAll(new RegExp(`\\b${command} ([a-z][a-z:-]*)`, 'g'))].map(([, word = '']) => word);
}

/** The commands that the command line itself lists. */
async function verbs(): Promise<readonly string[]> {
  const help = await runProgram([join(root, 'bin/latchkey.js'), '--help'], { folder: root });
  return [...help.stdout.matchAll(/^ {2}([\w-]+) /gm)].map(([, verb = '']) => verb);
}

describe('docs/settings.md', () => {
  const page = readDocument('docs/settings.md');

  it('documents every setting as it is defined', () => {
    assert.equal(withSettingsTables(page), page, 'run: npm run docs');
    for (const { name } of everySetting) {
      const pattern = name.replace(/^(?:OIDC_<NAME>|[A-Z]+)_/, '<PROVIDER>_');
      assert.ok(page.includes(`| \`${name}\` |`) || page.includes(`| \`${pattern}\` |`), name);
    }
  });

  it('fails npm run docs -- --check when it is out of date', async () => {
    using folder = temporaryFolder();
    for (const path of ['docs', 'src/library']) mkdirSync(join(folder.path, path), { recursive: true });
    for (const path of [
      'docs/architecture.md',
      'docs/audit.md',
      'docs/email.md',
      'docs/limits.md',
      'docs/oauth.md',
      'docs/sessions.md',
      'docs/throttling.md',
      'docs/attacks.md',
      'SECURITY.md',
      'src/library/setting-options.ts',
    ])
      writeFileSync(join(folder.path, path), readDocument(path));
    const check = async (text: string) => {
      writeFileSync(join(folder.path, 'docs/settings.md'), text);
      return runProgram([join(root, 'scripts/build-docs.ts'), '--check'], { folder: folder.path });
    };
    assert.equal((await check(page)).status, 0);
    const stale = await check(page.replace('| `24h` |', '| `48h` |'));
    assert.equal(stale.status, 1);
    assert.match(stale.stderr, /npm run docs/);
  });
});

describe('the type of the options', () => {
  it('documents every setting as it is defined', () => {
    assert.equal(textOf('src/library/setting-options.ts'), optionsFile(), 'run: npm run docs');
  });
});

describe('docs/attacks.md', () => {
  const page = readDocument('docs/attacks.md');
  const [built = '', reserved = ''] = page.split('## Not yet built');
  const [notBuilt = '', findings = ''] = reserved.split('\n## Findings of');
  const idsIn = (text: string) =>
    [...text.matchAll(/^\| ([A-Z]\d{2}|V[\d.]+) \|/gm)].map(([, id = '']) => id);
  const tests = attackTests();

  it('lists the test files of each attack', () =>
    assert.equal(withAttackTests(page, tests), page, 'run: npm run docs'));

  it('lists exactly the ids that test titles have, each once', () => {
    const listed = [...idsIn(built), ...idsIn(findings)];
    assert.deepEqual(listed.toSorted(), [...tests.keys()].toSorted());
  });

  it('lists all 72 attacks, built or not', () => {
    const attacks = [...idsIn(built), ...idsIn(notBuilt)].toSorted();
    assert.deepEqual(
      attacks,
      Array.from({ length: 72 }, (_, at) => `A${String(at + 1).padStart(2, '0')}`),
    );
  });
});

describe('README.md', () => {
  const readme = readDocument('README.md');

  it('has at most 120 lines', () => assert.ok(readme.split('\n').length <= 120));

  it('names settings that exist, with their defaults', () => {
    const rows = readme.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
    assert.ok(rows.length >= 10);
    for (const row of rows) {
      const [, name, , ...cells] = row.split('|').map((cell) => cell.trim());
      const definition = everySetting.find((setting) => `\`${setting.name}\`` === name);
      assert.ok(definition !== undefined, name);
      assert.equal(cells[0], defaultOf(definition), name);
    }
  });
});

describe('docs/library/comparison.md', () => {
  it('states the numbers of lines that its snippets mark', () => {
    const [results = '', snippets = ''] = readDocument('docs/library/comparison.md').split('\n## Snippets\n');
    const sums = [...results.matchAll(/\d+ \+ \d+ \+ \d+ = \*\*\d+\*\*/g)].map(([sum]) => sum);
    const blocks = [...snippets.matchAll(/^```diff\n(.*?)^```$/gms)].map(([, block = '']) => block);
    assert.deepEqual(sums, blocks.map(sumOfMarkedLines));
  });
});

function sumOfMarkedLines(block: string): string {
  const counts = ['routes', 'page', 'POST'].map((part) => {
    const [, after = ''] = block.split(`@@ ${part} @@\n`);
    const [own = ''] = after.split('@@');
    return own.split('\n').filter((line) => line.startsWith('+')).length;
  });
  return `${counts.join(' + ')} = **${counts.reduce((sum, count) => sum + count)}**`;
}

describe('the documents', () => {
  for (const path of documents()) {
    it(`contain no broken link: ${path}`, () => assert.deepEqual(brokenLinks(path), []));
  }

  it('describe every one-time token as its feature declares it, each purpose in one feature only', () => {
    const features = composedFeatures();
    const architecture = readDocument('docs/architecture.md');
    assert.equal(withTokensTable(architecture, features), architecture, 'run: npm run docs');
    const purposes = features.flatMap(({ tokens = {} }) => Object.keys(tokens));
    assert.ok(purposes.includes('invitation'));
    assert.equal(new Set(purposes).size, purposes.length);
  });

  it('describe every cookie as it is defined', () => {
    const document = readDocument('docs/sessions.md');
    assert.equal(withCookiesTable(document, cookies), document, 'run: npm run docs');
  });

  it('describe every event as it is defined', () => {
    const document = readDocument('docs/audit.md');
    assert.equal(withEventsTable(document, eventDefinitions), document, 'run: npm run docs');
  });

  it('describe every mail, with the placeholders of its templates', () => {
    const document = readDocument('docs/email.md');
    assert.equal(withEmailsTables(document), document, 'run: npm run docs');
  });

  it('say how many common passwords are refused', () => {
    const size = commonPasswords().size.toLocaleString('en');
    for (const path of ['docs/passwords.md', 'SECURITY.md'])
      assert.ok(readDocument(path).includes(size), path);
  });

  it('name every table where Prisma has to leave it alone', async () => {
    const listed = readDocument('docs/your-database.md').matchAll(/^ +'latchkey\.(\w+)',$/gm);
    const tables = (await readTables()).map(({ name }) => name).toSorted();
    assert.deepEqual(
      [...listed].map(([, name]) => name),
      tables,
    );
  });

  it('describe every verb of the command line in docs/operations.md', async () => {
    const named = wordsAfter('latchkey', readDocument('docs/operations.md'));
    for (const verb of await verbs()) assert.ok(named.includes(verb), verb);
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

  it('describe a package that names ranges, so that applications share copies, and a lock file that pins them', () => {
    const ranges = Object.values(manifest.dependencies);
    assert.deepEqual(
      ranges.filter((range) => !/^\^\d+\.\d+\.\d+$/.test(range)),
      [],
    );
    const lock = z.object({ packages: z.record(z.string(), z.object({ dependencies: names.optional() })) });
    const { packages } = lock.parse(JSON.parse(readDocument('package-lock.json')));
    assert.deepEqual(packages['']?.dependencies, manifest.dependencies, 'run: npm install');
  });

  it('give a reason for each dependency, and list no other', () => {
    const documented = readDocument('docs/dependencies.md');
    const sorted = (list: Iterable<string>) => [...list].sort();
    assert.deepEqual(
      sorted(firstCells(documented, 'At run time')),
      sorted(Object.keys(manifest.dependencies)),
    );
    assert.deepEqual(
      sorted(['In development', 'Included in the package'].flatMap((it) => firstCells(documented, it))),
      sorted(Object.keys(manifest.devDependencies)),
    );
  });
});
