import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compile, copySource, removeLanguages, root, runProgram } from './kit/source-copy.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';
import { ADA } from './kit/visitor.ts';

const FEATURES = 'src/latchkey.ts';
const PROVIDERS = 'src/features/external-sign-in/providers';

/** Features that others add to, and where they answered. */
const REMOVED = { 'magic-link': '/login/link', 'new-device': '/not-me', 'csp-reports': '/csp-reports' };

/** Replaces texts of a file, each of which it must have once. */
function edit(path: string, changes: readonly (readonly [string, string])[]): void {
  let text = readFileSync(path, 'utf8');
  for (const [old, replacement] of changes) {
    assert.equal(text.split(old).length, 2, `${path} has “${old}” once`);
    text = text.replace(old, replacement);
  }
  writeFileSync(path, text);
}

/** Deletes a feature as a developer would: its folder, its import and its entry. */
function removeFeature(folder: string, feature: string): void {
  const entry = feature.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  rmSync(join(folder, 'src/features', feature), { recursive: true });
  edit(join(folder, FEATURES), [
    [`import { ${entry} } from './features/${feature}/index.ts';\n`, ''],
    [`\n  ${entry},\n`, '\n'],
  ]);
}

/** Adds the feature of the guide in docs/architecture.md: its folder, its import and its entry. */
function addExample(folder: string): void {
  cpSync(join(root, 'tests/example/features/code-list'), join(folder, 'src/features/code-list'), {
    recursive: true,
  });
  edit(join(folder, FEATURES), [
    ['import { assets }', "import { codeList } from './features/code-list/index.ts';\nimport { assets }"],
    ['const FEATURES = [\n', 'const FEATURES = [\n  codeList,\n'],
  ]);
}

/** Replaces a built-in provider by the one of the guide in docs/oauth.md, under a name that no provider has. */
function replaceProvider(folder: string): void {
  const guide = readFileSync(join(root, 'docs/oauth.md'), 'utf8');
  const [, example = ''] = /```ts\n(\/\/ built-in\/codeberg\.ts\n.*?)```/s.exec(guide) ?? [];
  rmSync(join(folder, PROVIDERS, 'built-in/github.ts'));
  const added = example.replaceAll(/codeberg/gi, 'exampleforge');
  writeFileSync(join(folder, PROVIDERS, 'built-in/exampleforge.ts'), added);
  edit(join(folder, PROVIDERS, 'configured.ts'), [
    [
      "import { github } from './built-in/github.ts';",
      "import { exampleforge } from './built-in/exampleforge.ts';",
    ],
    [' github,', ' exampleforge,'],
  ]);
}

/** The providers that the copy configures from these options. */
function configuredProviders(folder: string, options: Readonly<Record<string, string>>): string {
  const given = JSON.stringify({ ...options, secretKey: SECRET_KEY });
  const program = `import { settingsFromOptions } from './src/read-settings.ts';
    const { providers } = settingsFromOptions(${given});
    console.log(JSON.stringify(providers.map(({ name, scopes }) => [name, scopes])));`;
  return runProgram(folder, program);
}

const START = `
  import { createLatchkey } from './src/index.ts';
  const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', secretKey: '${SECRET_KEY}', logLevel: 'silent' });
  await latchkey.ready;
`;

/** Creates a list of codes, and signs in with them by forms and by JSON. */
const signInWithCodes = `${START}
  import { createVisitor } from '${pathToFileURL(join(root, 'tests/kit/visitor.ts')).href}';
  const visitor = () => createVisitor((request) => latchkey.fetch(request), 'http://localhost:3000');
  const [username, password] = ['ada', '${ADA.password}'];
  const owner = visitor();
  await owner.register(username, password);
  await owner.signIn(username, password);
  const created = await owner.submit('/account/codes', {});
  const codes = [...created.body.matchAll(/<code>(\\d+)</g)].map(([, code]) => code);
  console.log('codes:', codes.length);

  const browser = visitor();
  console.log('page:', (await browser.signIn(username, password)).location);
  console.log('session before the code:', (await browser.get('/api/session')).status);
  console.log('wrong code:', (await browser.submit('/login/listed-code', { code: '0' })).status);
  const right = await browser.submit('/login/listed-code', { code: codes[0] });
  console.log('right code:', right.status, right.location);
  console.log('session:', (await browser.get('/api/session')).status);

  const client = visitor();
  const { flow } = JSON.parse((await client.postJson('/api/login', { username, password })).body);
  const enter = async (code) => {
    const { status, body } = await client.postJson('/api/login/listed-code', { flow, code });
    return { status, ...JSON.parse(body) };
  };
  const again = await enter(codes[0]);
  console.log('the same code in JSON:', again.status, again.problems[0].reason);
  const other = await enter(codes[1]);
  console.log('another code in JSON:', other.status, other.state);

  const attacker = visitor();
  await attacker.signIn(username, password);
  const statuses = [];
  for (let count = 0; count < 4; count++)
    statuses.push((await attacker.submit('/login/listed-code', { code: String(count) })).status);
  console.log('wrong codes:', ...statuses);
  await latchkey.close();
`;

describe('a copy of the source without three features and a provider, and with others', () => {
  const folder = temporaryFolder();
  before(() => {
    copySource(folder.path);
    // A language would have to lose its words of what is removed.
    removeLanguages(folder.path);
    for (const feature of Object.keys(REMOVED)) removeFeature(folder.path, feature);
    addExample(folder.path);
    replaceProvider(folder.path);
  });
  after(() => folder[Symbol.dispose]());

  it('compiles, because each is a folder or a file, an import and an entry', () => {
    assert.equal(compile(folder.path), '');
  });

  it(`serves without the features that were removed: ${Object.keys(REMOVED).join(', ')}`, () => {
    const paths = JSON.stringify(['/login', ...Object.values(REMOVED)]);
    const program = `${START}
      for (const path of ${paths})
        console.log((await latchkey.fetch(new Request('http://localhost:3000' + path))).status);
      await latchkey.close();`;
    assert.equal(runProgram(folder.path, program), '200\n404\n404\n404\n');
  });

  it('asks every sign-in for the second factor that was added (A37)', () => {
    assert.deepEqual(runProgram(folder.path, signInWithCodes).trim().split('\n'), [
      'codes: 10',
      'page: /login/listed-code',
      'session before the code: 401',
      'wrong code: 401',
      'right code: 303 /dashboard',
      'session: 200',
      'the same code in JSON: 401 code-refused',
      'another code in JSON: 200 signed-in',
      'wrong codes: 401 401 401 429',
    ]);
  });

  it('configures the provider that was added, and refuses the settings of the removed one', () => {
    const added = {
      exampleforgeClientId: 'id',
      exampleforgeClientSecret: 'secret',
      exampleforgeScopes: 'repo',
    };
    assert.equal(configuredProviders(folder.path, added), '[["exampleforge",["openid","email","repo"]]]\n');
    const github = { githubClientId: 'id', githubClientSecret: 'secret' };
    assert.match(configuredProviders(folder.path, github), /githubClientId: is not an option/);
  });
});
