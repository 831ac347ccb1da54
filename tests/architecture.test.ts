import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filesUnder, isTest, readSources, type Source, textOf } from './kit/sources.ts';
import { composedFeatures } from './kit/system.ts';

const sources = readSources(['src']).filter(({ path }) => !isTest(path));

/** What each part of `src` may import: main → latchkey → composition and features → auth → platform. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: ['platform'],
  auth: ['platform', 'auth'],
  features: ['platform', 'auth', 'features'],
  // Joins platform and auth to what features are composed on.
  composition: ['platform', 'auth', 'composition'],
  'languages.ts': ['platform', 'auth', 'composition', 'features'],
  'latchkey.ts': ['languages.ts', 'platform', 'auth', 'composition', 'operations', 'features'],
  // Reads the settings that auth and the features declare.
  'read-settings.ts': ['platform', 'auth', 'features', 'latchkey.ts'],
  // Tools for operators that use the complete deployment.
  operations: ['platform', 'auth', 'features', 'latchkey.ts', 'read-settings.ts', 'operations'],
  // What an application holds in its hands.
  library: ['platform', 'auth', 'features', 'latchkey.ts', 'read-settings.ts', 'library'],
  'index.ts': ['platform', 'auth', 'latchkey.ts', 'read-settings.ts', 'library'],
  server: ['platform', 'auth', 'latchkey.ts', 'server'],
  'main.ts': ['platform', 'auth', 'latchkey.ts', 'server', 'read-settings.ts'],
  adapters: ['index.ts', 'library', 'adapters'],
  // Signs users in without their passwords: nothing that runs in production imports it.
  testing: ['platform', 'auth', 'features', 'latchkey.ts', 'library', 'testing'],
  cli: [
    'platform',
    'auth',
    'composition',
    'operations',
    'features',
    'library',
    'read-settings.ts',
    'latchkey.ts',
    'index.ts',
    'server',
    'main.ts',
    'cli',
  ],
};

/**
 * Every edge between features. Another one is a decision: what two features call belongs in core, so write it
 * down here only when it is one feature's own business that the other one needs.
 */
const FEATURE_EDGES: Readonly<Record<string, readonly string[]>> = {
  // The account page reminds of a second factor that is needed.
  accounts: ['second-factors'],
  // A token of an account without the second factor that it needs does not work.
  'api-tokens': ['second-factors'],
  'breached-passwords': ['passwords'],
  dashboard: ['accounts', 'second-factors'],
  // What a device gets is an API token.
  'device-grant': ['api-tokens'],
  'email-change': ['accounts', 'password-reset', 'passwords', 'registration', 'requested-mail'],
  // An address is confirmed before a sign-in has its account set up a second factor.
  'email-confirmation': ['passwords', 'requested-mail', 'second-factors'],
  // A new user of a provider registers by the common rules, and a provider can give fresh authentication.
  'external-sign-in': [
    'email-confirmation',
    'fresh-authentication',
    'passwords',
    'registration',
    'second-factors',
  ],
  // A mail that undoes a change also goes to the address of before, and begins a reset of the password.
  'factor-changes': ['email-change', 'password-reset', 'passwords', 'requested-mail', 'second-factors'],
  // Who has lost the factors gives the password, and stops a request of others by a mail.
  'factor-recovery': ['factor-changes', 'passwords', 'requested-mail', 'second-factors'],
  'fresh-authentication': ['passwords', 'requested-mail', 'second-factors', 'sign-in'],
  'magic-link': ['requested-mail', 'sign-in'],
  'new-device': ['password-reset', 'passwords', 'requested-mail'],
  // A passkey is a sign-in method, a second factor with recovery codes, and fresh authentication.
  // New users create one instead of a password.
  passkeys: [
    'factor-changes',
    'fresh-authentication',
    'passwords',
    'recovery-codes',
    'registration',
    'second-factors',
  ],
  'password-change': ['passwords'],
  // The first proof of an address removes the factors of before.
  'password-reset': ['passwords', 'requested-mail', 'second-factors', 'sign-in'],
  // How short passwords may be depends on the policy of second factors.
  passwords: ['second-factors'],
  'recovery-codes': ['factor-changes', 'second-factors'],
  // An account and the mail that confirms its address are written in one transaction.
  registration: ['email-confirmation', 'passwords', 'sign-in'],
  // A policy may require a second factor of some roles.
  // A browser may be remembered, so that it is not asked for a factor.
  'second-factors': ['remembered-devices', 'roles'],
  sessions: ['remembered-devices', 'sign-in'],
  'sign-in': ['passwords'],
  // The first factor comes with recovery codes.
  totp: ['factor-changes', 'recovery-codes', 'second-factors'],
};

/** The folders of platform: imported through their index.ts alone, without words of authentication. */
const PLATFORM: readonly string[] = [
  'audit-log',
  'command-line',
  'crypto',
  'deployment',
  'events',
  'geoip',
  'mail',
  'observability',
  'outbound',
  'outcomes',
  'rate-limit',
  'runtime',
  'settings',
  'sql',
  'text',
  'web',
  'words',
];

/**
 * Files of words and their translations, such as `words.de.ts`. They are data: `languages.ts` imports them past the
 * index.ts of their folder.
 */
const WORDS = /\/words(?:\.[A-Za-z-]+)?\.ts$/;
const LANGUAGES = 'src/languages.ts';
const isTranslation = (file: string): boolean => WORDS.test(file) && !file.endsWith('/words.ts');
const isListedWords = (source: Source, file: string): boolean =>
  source.path === LANGUAGES && WORDS.test(file);

const partOf = (path: string): string => path.split('/')[1] ?? '';
const platformOf = (path: string): string | null => /^src\/platform\/([^/]+)\//.exec(path)?.[1] ?? null;
const featureOf = (path: string): string | null => /^src\/features\/([^/]+)\//.exec(path)?.[1] ?? null;

function importsOfFiles(): readonly {
  readonly source: Source;
  readonly file: string;
}[] {
  return sources.flatMap((source) =>
    source.imports.flatMap(({ file }) => (file === null ? [] : [{ source, file }])),
  );
}

describe('imports', () => {
  it('are all found by this test', () => {
    for (const { path, code, imports } of sources) {
      const lines = code.match(/(?:^|\}) ?from '[^']+'|^(?:import|export) .* from '|\bimport\(/gm) ?? [];
      const bare = code.match(/^import '/gm) ?? [];
      // The file with the options of an application, whose path is known at run time.
      const computed = path === 'src/cli/configuration.ts' ? 1 : 0;
      assert.equal(imports.length + computed, lines.length + bare.length, path);
    }
  });

  it('stay within src and name files that exist', () => {
    const paths = new Set(sources.map(({ path }) => path));
    for (const { source, file } of importsOfFiles()) {
      assert.ok(
        paths.has(file),
        `${source.path} imports ${file}; src runs without tests, bench and examples`,
      );
    }
  });

  it('point one way: main → latchkey → features → auth → platform', () => {
    const wrong = importsOfFiles().flatMap(({ source, file }) => {
      const allowed = MAY_IMPORT[partOf(source.path)] ?? [];
      return allowed.includes(partOf(file)) ? [] : [`${source.path} → ${file}`];
    });
    assert.deepEqual(
      [...new Set(wrong)].sort(),
      [],
      'hand over what a lower layer needs at construction, or move it down',
    );
  });

  it('reach a feature only through its index.ts', () => {
    for (const { source, file } of importsOfFiles()) {
      const feature = featureOf(file);
      if (feature === null || feature === featureOf(source.path) || isListedWords(source, file)) continue;
      const door = `src/features/${feature}/index.ts`;
      assert.equal(file, door, `${source.path} imports ${file}; let ${door} export what others may call`);
    }
  });

  it('reach a folder of platform only through its index.ts', () => {
    for (const { source, file } of importsOfFiles()) {
      const folder = platformOf(file);
      if (folder === null || folder === platformOf(source.path) || isListedWords(source, file)) continue;
      const door = `src/platform/${folder}/index.ts`;
      assert.equal(file, door, `${source.path} imports ${file}; let ${door} export it`);
    }
  });

  it('between features are exactly those listed in FEATURE_EDGES', () => {
    const edges = new Map<string, Set<string>>();
    for (const { source, file } of importsOfFiles()) {
      const [from, to] = [featureOf(source.path), featureOf(file)];
      if (from === null || to === null || from === to) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    const found = Object.fromEntries([...edges].map(([from, to]) => [from, [...to].sort()]));
    assert.deepEqual(found, FEATURE_EDGES);
  });
});

describe('import cycles', () => {
  it('do not exist between features, not even of types alone', () => {
    assertNoCycle(new Map(Object.entries(FEATURE_EDGES)));
  });

  it('do not exist between files, not even of types alone', () => {
    const imports = new Map<string, string[]>();
    for (const { source, file } of importsOfFiles())
      imports.set(source.path, [...(imports.get(source.path) ?? []), file]);
    assertNoCycle(imports);
  });
});

describe('a feature', () => {
  const folders = [...new Set(sources.flatMap(({ path }) => featureOf(path) ?? []))].sort();

  it('is in the one list of features, under the name of its folder', () => {
    const names = composedFeatures().map(({ name }) => name);
    assert.deepEqual([...names].sort(), folders);
  });

  it('declares itself in index.ts, which contains no logic', () => {
    const doors = sources.filter(({ path }) => /^src\/features\/[^/]+\/index\.ts$/.test(path));
    assert.deepEqual(
      doors.map(({ path }) => featureOf(path)),
      folders,
    );
    for (const { path, code } of doors) {
      const logic = /\b(?:if|for|while|switch|try|await|async)\b/.exec(code.replace(/'[^']*'/g, "''"))?.[0];
      assert.equal(logic, undefined, `${path} has logic; give it a file named for what it does`);
    }
  });

  it('lists in index.ts all definitions that it makes', () => {
    for (const { path, code } of sources.filter(({ path }) => path.endsWith('/definitions.ts'))) {
      if (featureOf(path) === null) continue;
      const index = sources.find((source) => source.path === path.replace('definitions.ts', 'index.ts'));
      const [, inventory = ''] = index?.code.split('defineFeature({') ?? [];
      for (const [, name = ''] of code.matchAll(/^export const (\w+) = define/gm))
        assert.match(inventory, new RegExp(`^ {2}(?:${name},|\\w+: ${name},)$`, 'm'), `${path}: ${name}`);
    }
  });

  it('renders HTML only in pages.ts', () => {
    for (const { path, imports } of sources.filter(({ path }) => featureOf(path) !== null)) {
      const drawsHtml = imports.some(({ module }) => module === 'hono/html');
      assert.ok(!drawsHtml || path.endsWith('/pages.ts'), `${path} draws HTML; move that to pages.ts`);
    }
  });
});

describe('words', () => {
  const isDefinition = /\bdefineWords(?:<[^>]*>)?\(/;
  const files = sources.filter(({ path }) => path.endsWith('/words.ts')).map(({ path }) => path);

  it('are defined and exported in words.ts of auth, composition, a folder of platform or a feature, so that each language can translate them', () => {
    for (const path of files)
      assert.match(path, /^src\/(?:auth|composition|platform\/[^/]+|features\/[^/]+)\/words\.ts$/, path);
    for (const { path, code } of sources.filter(({ path }) => path !== 'src/platform/words/language.ts'))
      for (const line of code.split('\n').filter((line) => isDefinition.test(line))) {
        assert.ok(files.includes(path), `${path}: ${line}; move it to words.ts of its feature`);
        assert.match(line, /^export const /, path);
      }
  });

  it('of a feature are declared in its index.ts, others in languages.ts, so that no language can leave them out', () => {
    const listed = importsOfFiles().flatMap(({ source, file }) => (source.path === LANGUAGES ? [file] : []));
    for (const path of files) {
      const index = sources.find((source) => source.path === path.replace('words.ts', 'index.ts'));
      if (featureOf(path) === null) assert.ok(listed.includes(path), `${LANGUAGES} lists ${path}`);
      else
        assert.match(
          index?.code ?? '',
          /^import \* as words from '\.\/words\.ts';[\s\S]*^ {2}words,$/m,
          path,
        );
    }
  });

  it('are translated beside them, by files that languages.ts alone imports', () => {
    for (const { source, file } of importsOfFiles()) {
      if (!isTranslation(file)) continue;
      assert.equal(source.path, LANGUAGES, `${source.path} imports ${file}`);
      assert.ok(
        files.includes(file.replace(/words\.[^/]+$/, 'words.ts')),
        `${file} has no words.ts beside it`,
      );
    }
  });
});

/** A client of a server has a password, each connection to a database is a session of SQL, and HTML has password fields. */
const OTHER_MEANINGS: Readonly<Record<string, RegExp>> = {
  deployment: /password/gi,
  mail: /password/gi,
  outbound: /password/gi,
  // Among the texts that no secret may be.
  settings: /password/gi,
  // Parameters of database URLs are among them.
  sql: /password|set session|ER_SESSION_WAS_KILLED|(?:target|transaction)_?session|sessionvariables|session: \{\}/gi,
  web: /password/gi,
};

describe('a folder of platform', () => {
  it('contains no words of authentication, except in the names of columns and with another meaning', () => {
    for (const { path } of sources.filter(({ path }) => platformOf(path) !== null)) {
      const text = textOf(path).replaceAll(/\b(?:account|session)_id\b/g, '');
      const own = text.replaceAll(OTHER_MEANINGS[platformOf(path) ?? ''] ?? /(?!)/g, '');
      const word = /account|session|password|sign(?:ed)?-?in|credential/i.exec(own)?.[0];
      assert.equal(word, undefined, `${path} says “${word}”; name it by what it is for platform`);
    }
  });
});

describe('the source tree', () => {
  it('has only the top-level parts that MAY_IMPORT lists', () => {
    const rooms = new Set(
      filesUnder(['src'], [''])
        .filter((path) => !isTest(path))
        .map(partOf),
    );
    const strange = [...rooms].filter((room) => !(room in MAY_IMPORT));
    assert.deepEqual(strange, [], `say in MAY_IMPORT what ${strange} may import`);
  });

  it('has exactly the listed folders in platform', () => {
    const folders = sources.flatMap(({ path }) => /^src\/platform\/([^/]+)\//.exec(path)?.[1] ?? []);
    assert.deepEqual([...new Set(folders)].sort(), PLATFORM);
  });

  it('has a security model that can be read in an hour: at most 4,500 lines in auth', () => {
    const files = sources.filter(({ path }) => partOf(path) === 'auth' && !isTranslation(path));
    const lines = files.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
    assert.ok(lines <= 4_500, `auth has ${lines} lines; move what is not the security model`);
  });

  it('keeps each test beside the file that it is named for', () => {
    const files = new Set(filesUnder(['src'], ['.ts']));
    for (const test of [...files].filter(isTest)) {
      const code = test.replace('.test.ts', '.ts');
      assert.ok(files.has(code), `${test} has no ${code} beside it; what crosses files is tested in tests/`);
    }
  });
});

function assertNoCycle(arrows: ReadonlyMap<string, readonly string[]>): void {
  const done = new Set<string>();
  const follow = (node: string, way: readonly string[]): void => {
    assert.ok(
      !way.includes(node),
      `${[...way.slice(way.indexOf(node)), node].join(' → ')}; move what both need to a file of its own`,
    );
    if (done.has(node)) return;
    for (const next of arrows.get(node) ?? []) follow(next, [...way, node]);
    done.add(node);
  };
  for (const node of arrows.keys()) follow(node, []);
}
