import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createProject } from '../packages/create-latchkey/src/create-project.ts';
import { templateNames, templateOf, writeTemplates } from '../scripts/packages/templates.ts';
import { filesUnder, textOf } from './kit/sources.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = templateNames(root);

describe('the templates of create-latchkey', () => {
  it('are the examples, one for each folder', () => {
    for (const name of ['express', 'fastify', 'hono', 'node']) assert.ok(names.includes(name), name);
    for (const name of names) {
      const template = templateOf(root, name);
      for (const path of filesUnder([`examples/${name}`], ['.ts', '.tsx', '.svelte', '.vue', '.astro'])) {
        const text = template.get(path.replace(`examples/${name}/`, ''));
        if (text === undefined) continue;
        const original = textOf(path).replaceAll(/(['"])[./]+\/notes(?:\.ts)?\1/g, "'./notes'");
        const copied = text.replaceAll(/(['"])[./]+\/notes(?:\.ts)?\1/g, "'./notes'");
        assert.equal(copied, original.replaceAll(/npm run example [\w-]+/g, 'npm start'), path);
      }
    }
  });

  it('contain the file that the examples share', () => {
    assert.equal(templateOf(root, 'express').get('notes.ts'), textOf('examples/notes.ts'));
    assert.match(templateOf(root, 'express').get('main.ts') ?? '', /from '\.\/notes\.ts';/);
  });

  it('depend on what they import, in ranges of the versions that are tested', () => {
    const { version, devDependencies } = JSON.parse(textOf('package.json'));
    const { dependencies, devDependencies: forTypes } = JSON.parse(
      templateOf(root, 'express').get('package.json') ?? '',
    );
    assert.deepEqual(dependencies, { express: `^${devDependencies.express}`, latchkey: `^${version}` });
    assert.deepEqual(Object.keys(forTypes), ['@types/express', '@types/node', 'typescript']);
    for (const name of names) {
      const manifest = JSON.parse(templateOf(root, name).get('package.json') ?? '');
      assert.equal(manifest.dependencies.latchkey, `^${version}`, name);
      assert.equal(manifest.private, true, name);
    }
  });

  it('keep the database, its secret and .env out of Git', () => {
    for (const name of names) {
      const ignored = (templateOf(root, name).get('gitignore') ?? '').split('\n');
      for (const entry of ['node_modules/', 'data/', '.env'])
        assert.ok(ignored.includes(entry), `${name}: ${entry}`);
    }
  });
});

describe('npm create latchkey', () => {
  const create = (folder: string, target: string) => {
    writeTemplates(root, join(folder, 'templates'));
    return createProject({ template: join(folder, 'templates/express'), folder: join(folder, target) });
  };

  it('creates a project with the name of its folder', () => {
    using folder = temporaryFolder();
    assert.deepEqual(create(folder.path, 'My Notes!'), { ok: true, start: 'npm run dev' });
    const project = join(folder.path, 'My Notes!');
    assert.equal(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).name, 'my-notes');
    assert.match(readFileSync(join(project, '.gitignore'), 'utf8'), /^data\/$/m);
    assert.ok(!existsSync(join(project, 'gitignore')));
  });

  it('takes an empty folder and a new repository, and changes nothing in any other', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'repository/.git'), { recursive: true });
    assert.equal(create(folder.path, 'repository').ok, true);
    mkdirSync(join(folder.path, 'full'));
    writeFileSync(join(folder.path, 'full/thesis.txt'), 'chapter one');
    assert.deepEqual(create(folder.path, 'full'), { ok: false, reason: 'not-empty' });
    assert.deepEqual(create(folder.path, 'full/thesis.txt'), { ok: false, reason: 'not-a-folder' });
    assert.deepEqual(filesIn(join(folder.path, 'full')), ['thesis.txt']);
  });
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}
