import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Asset, loadAssets, siteFor } from './stylesheet.ts';

const all = (color: string): readonly Asset[] => Object.values(loadAssets(color));

describe('the assets of a page', () => {
  it('contain the colour of the site', () => {
    const { stylesheet, icon } = loadAssets('#1d4ed8');
    assert.match(stylesheet.body, /^:root\{--accent:light-dark\(#1d4ed8,/);
    assert.match(icon.body, /#1d4ed8/);
    assert.doesNotMatch(icon.body, /#2f5bea/);
  });

  it('have names that change only with their content', () => {
    const paths = all('#1d4ed8').map(({ path }) => path);
    for (const path of paths) assert.match(path, /^\/assets\/[a-z]+-[\w-]{12}\.(css|js|svg)$/);
    assert.deepEqual(
      all('#1d4ed8').map(({ path }) => path),
      paths,
    );
    const { stylesheet, script, icon } = loadAssets('#b91c1c');
    assert.deepEqual(
      [stylesheet, script, icon].map(({ path }) => paths.includes(path)),
      [false, true, false],
    );
  });

  it('load nothing from elsewhere, and are small in total', () => {
    const files = all('#1d4ed8');
    for (const { body, path } of files) {
      assert.doesNotMatch(body.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|@import|url\(/, path);
    }
    const bytes = files.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    assert.ok(bytes < 20_000, `${bytes} bytes leave room for the page, below 30 KB in all`);
  });

  it('are linked by every page', () => {
    const assets = loadAssets('#1d4ed8');
    assert.deepEqual(siteFor('Harbour Library', '/auth', assets), {
      name: 'Harbour Library',
      basePath: '/auth',
      stylesheetPath: assets.stylesheet.path,
      scriptPath: assets.script.path,
      iconPath: assets.icon.path,
    });
  });
});
