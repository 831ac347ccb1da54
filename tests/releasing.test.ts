import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Release, releaseFaults } from '../scripts/packages/release.ts';
import { textOf } from './kit/sources.ts';

const manifest = (name: string, version: string, fields: object = {}) =>
  JSON.stringify({
    name,
    version,
    repository: { type: 'git', url: 'git+https://git.example/latchkey.git' },
    homepage: 'https://latchkey.example',
    bugs: { url: 'https://git.example/latchkey/issues' },
    ...fields,
  });

const READY: Release = {
  tag: 'v1.2.3',
  manifest: manifest('latchkey', '1.2.3'),
  createManifest: manifest('create-latchkey', '1.2.3'),
  changelog: '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-24\n\n## [1.2.2] - 2026-12-01\n',
};

describe('npm run release:check', () => {
  it('accepts a release whose tag, versions, changelog and manifests agree', () => {
    assert.deepEqual(releaseFaults(READY), []);
    assert.deepEqual(releaseFaults({ ...READY, tag: null }), []);
  });

  it('names each disagreement', () => {
    assert.deepEqual(releaseFaults({ ...READY, tag: 'v1.2.4' }), ['the tag is v1.2.4, the version 1.2.3']);
    assert.deepEqual(releaseFaults({ ...READY, createManifest: manifest('create-latchkey', '1.2.2') }), [
      'create-latchkey has version 1.2.2, latchkey 1.2.3',
    ]);
    const undated = READY.changelog.replace(' - 2026-12-24', ' - unreleased');
    assert.deepEqual(releaseFaults({ ...READY, changelog: undated }), [
      'CHANGELOG.md has no dated section [1.2.3]',
    ]);
    assert.deepEqual(
      releaseFaults({ ...READY, manifest: manifest('latchkey', '1.2.3', { repository: undefined }) }),
      ['package.json of latchkey has no repository'],
    );
  });

  it('finds the versions of both packages equal, and a section of the changelog for them', () => {
    const faults = releaseFaults({
      tag: null,
      manifest: textOf('package.json'),
      createManifest: textOf('packages/create-latchkey/package.json'),
      changelog: textOf('CHANGELOG.md').replace(/ - unreleased$/m, ' - 2026-12-24'),
    });
    // docs/releasing.md says who adds these fields, and when.
    const known = /has no (?:repository|homepage|bugs)$/;
    assert.deepEqual(
      faults.filter((fault) => !known.test(fault)),
      [],
    );
  });
});

describe('the workflow that publishes', () => {
  const workflow = textOf('.github/workflows/release.yml');

  it('pins each action by the hash of its commit, with the version beside it', () => {
    const used = [...workflow.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    assert.ok(used.length > 0);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('gives rights only to the jobs that need them, and signs where a package came from', () => {
    assert.match(workflow, /^permissions: \{\}$/m);
    assert.deepEqual(workflow.match(/[\w-]+: write$/gm), ['id-token: write']);
    const published = workflow.match(/npm publish .*$/gm) ?? [];
    assert.equal(published.length, 2);
    for (const command of published) assert.match(command, / --provenance /);
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const named = [...workflow.matchAll(/\brun ([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    assert.ok(named.includes('build:create'));
    for (const name of named) assert.ok(name in scripts, name);
  });
});
