import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filesUnder, isTest, readSources, type Source, textOf } from './kit/sources.ts';

const PACKAGES = ['packages/create-latchkey/bin', 'packages/create-latchkey/src'];
const CODE = ['src', 'tests', 'scripts', 'bin', 'bench', 'examples', ...PACKAGES];
// The banned words have to be spelled here to be found elsewhere.
const THIS = 'tests/tidy.test.ts';
const sources = readSources(CODE).filter(({ path }) => path !== THIS);
const tests = sources.filter(({ path }) => isTest(path));

const MOST_LINES_IN_A_FUNCTION = 50;

type Ban = {
  readonly what: string;
  readonly pattern: RegExp;
  readonly instead: string;
  readonly except?: readonly string[];
};

describe('a file', () => {
  it('is named for what it does', () => {
    const banned = /(?:^|[-./])(?:utils?|utilities|helpers?|managers?|misc|common|shared|lib)(?:[-./]|$)/;
    for (const path of filesUnder(CODE, ['.ts', '.js'])) {
      const name = path.slice(path.indexOf('/') + 1);
      assert.doesNotMatch(
        name,
        banned,
        `${path}: name it for what it does, or put each part where it is used`,
      );
      // SvelteKit recognises its files by the first character, and Next.js folders by brackets.
      assert.match(
        name.replaceAll('/+', '/').replace('[...latchkey]', 'latchkey'),
        /^(?:\d{3}-)?[a-z0-9./-]+$/,
        `${path}: write it in small letters, with hyphens between words`,
      );
    }
  });

  it('exports nothing under a meaningless name', () => {
    const banned = /^(?:common|misc|shared)$|(?:^|[a-z])(?:[Uu]tils?|[Hh]elpers?|[Mm]anagers?)(?:[A-Z]|$)/;
    for (const { path, exports } of sources) {
      for (const name of exports)
        assert.doesNotMatch(name, banned, `${path} exports ${name}; name it for what it gives`);
    }
  });
});

describe('a function', () => {
  // Biome counts the lines of functions. In tests it would count complete `describe` blocks, so those are checked
  // below.
  it('is limited in length by Biome, which also bans any and non-null assertions', () => {
    const { linter, overrides } = JSON.parse(textOf('biome.json'));
    assert.deepEqual(linter.rules.complexity.noExcessiveLinesPerFunction, {
      level: 'error',
      options: { maxLines: MOST_LINES_IN_A_FUNCTION },
    });
    assert.equal(linter.rules.suspicious.noExplicitAny, 'error');
    assert.equal(linter.rules.style.noNonNullAssertion, 'error');
    const loosened = overrides.map(({ includes }: { includes: string[] }) => includes);
    assert.deepEqual(loosened, [['**/*.test.ts']], 'only the length of functions in tests is counted here');
  });

  it(`in a test has at most ${MOST_LINES_IN_A_FUNCTION} lines`, () => {
    for (const { path, text } of tests) {
      for (const { first, length } of blocksIn(text)) {
        const isSuite = /^\s*(?:describe|onEveryDatabase|onEveryCounterStore)\(/.test(first);
        const advice = `${path}: “${first.trim()}” has ${length} lines; give its parts names, or its table a constant`;
        assert.ok(isSuite || length <= MOST_LINES_IN_A_FUNCTION, advice);
      }
    }
  });
});

/**
 * Functions, recognised by the formatter's indentation: from the line that opens one to the closing brace at the same
 * indentation.
 */
function blocksIn(text: string): readonly { readonly first: string; readonly length: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((first, start) => {
    if (!/(?:=> \{|\bfunction\b.*\{)$/.test(first)) return [];
    const indentation = /^ */.exec(first)?.[0] ?? '';
    const end = lines.findIndex((line, at) => at > start && line.startsWith(`${indentation}}`));
    return [{ first, length: end - start - 1 }];
  });
}

describe('the code', () => {
  const bans: readonly Ban[] = [
    {
      what: 'cast through unknown',
      pattern: /\bas unknown as\b/,
      instead: 'parse the value, or give the function the type that it needs',
    },
    {
      what: 'silenced type error',
      pattern: /@ts-(?:ignore|nocheck|expect-error)/,
      instead: 'fix the type',
      // The application that it type-checks must not compile at that line.
      except: [
        'tests/package.test.ts',
        'src/platform/events/index.test.ts',
        'src/library/users.test.ts',
        'src/library/tokens.test.ts',
        'src/testing/test-latchkey.test.ts',
        'tests/adapters/scopes.test.ts',
      ],
    },
    {
      what: 'silenced lint rule',
      pattern: /biome-ignore/,
      instead: 'do what the rule asks, or change it for all in biome.json',
    },
    {
      what: 'leftover marker',
      pattern: /\b(?:TODO|FIXME|XXX|HACK)\b|\bfor now\b|\bnot (?:yet )?implemented\b/i,
      instead: 'do it, or file an issue and say here what holds today',
    },
    {
      what: 'account or session id that is a plain text',
      pattern: /\b(?:account|session)Id\??: string\b/,
      instead: 'use AccountId or SessionId of auth/identifiers/ids.ts',
    },
  ];
  for (const ban of bans) it(`contains no ${ban.what}`, () => assertFree(sources, ban));

  it('does not use the type `any`', () => {
    const ban = {
      what: 'any',
      pattern: /\bas any\b|: any\b|<any>|\bany\[\]/,
      instead: 'use unknown, and look at what it is',
    };
    assertFree(
      sources.map(({ path, code }) => ({ path, text: code })),
      ban,
    );
  });

  it('has no leftover marker in its documents and styles either', () => {
    const documents = [
      ...filesUnder(['docs', ...CODE], ['.md', '.css', '.json', '.svg']),
      'README.md',
      'biome.json',
    ];
    const marker = {
      what: 'a marker',
      pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
      instead: 'write what is true today',
    };
    assertFree(
      documents.map((path) => ({ path, text: textOf(path) })),
      marker,
    );
  });
});

describe('a test file', () => {
  const bans: readonly Ban[] = [
    {
      what: 'skipped, focused or planned test',
      pattern: /\b(?:it|test|describe|t|context)\.(?:skip|only|todo)\b|\b(?:skip|only|todo): (?!undefined)/,
      instead: 'let it run, or take it away',
    },
    {
      what: 'wait for time to pass',
      pattern: /timers\/promises|\bsleep\(|Atomics\.wait|scheduler\.wait|setTimeout\([^;]*?, [\d_]{3,}\)/,
      instead: 'move the injected clock, or await the event that it waits for',
    },
    {
      what: 'mock or retry',
      pattern: /\bmock\.|\bretries\b|\bflaky\b/,
      instead: 'use the real thing, or hand over a small one of your own',
    },
    {
      what: 'reach inside the system without a reason',
      pattern: /\bsystem\.system\b|\.system\.(?:core|storage|features|mailWorker|guard|handle|csrf|errors)\b/,
      instead: 'use a verb of tests/kit, or reachInside(system, the reason)',
    },
    {
      what: 'randomness or time of day',
      pattern: /Math\.random|new Date\(\)/,
      instead: 'make the case by hand, so that it fails for all or for none',
    },
  ];
  for (const ban of bans) it(`contains no ${ban.what}`, () => assertFree(tests, ban));
});

function assertFree(
  files: readonly { readonly path: string; readonly text: string }[],
  { pattern, instead, except = [] }: Ban,
): void {
  const found = files.flatMap(({ path, text }) => {
    const match = except.includes(path) ? null : pattern.exec(text);
    return match === null ? [] : [`${path}: “${match[0]}”`];
  });
  assert.deepEqual(found, [], `${found.join(', ')}: ${instead}`);
}

/** Words that hide the standard term, each with what to write instead. docs/glossary.md has the terms. */
const wordBans: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  {
    pattern: /\b(?:some|every|any|no)body(?:[’']s)?\b|\b(?:who|whom)ever\b|\bthose who\b/i,
    instead: 'name the user, client, operator or attacker, or write “no user”',
  },
  { pattern: /\bso many\b|\bat most so\b/i, instead: 'give the number or `max`' },
  { pattern: /\bin (?:the )?(?:place|stead) of\b/i, instead: 'instead of' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bmoving house\b|\bthe house\b/i, instead: 'migrating databases; the tree' },
  { pattern: /\bnursery\b/i, instead: 'V8 young generation' },
  { pattern: /\bways? there and back\b/i, instead: 'round trip' },
  { pattern: /\bin vain\b/i, instead: 'timing decoy, or “failed”' },
  { pattern: /\b(?:in haste|hast[ey]\w*)\b/i, instead: 'asynchronous commit' },
  { pattern: /\bwitness\w*\b/i, instead: 'after-sign-in hook' },
  { pattern: /\b(?:in|out of) (?:the|their|its) way\b|\bfurther steps?\b/i, instead: 'required step' },
  { pattern: /\bways? in(?:to)?\b/i, instead: 'sign-in method' },
  { pattern: /\bvouch\w*\b/i, instead: 'federated login' },
  { pattern: /\bnewcomers?\b/i, instead: 'new user, pending registration' },
  { pattern: /\bdisown\w*\b|\bnot one[’']s own\b/i, instead: 'report an unrecognised sign-in' },
  { pattern: /\bwish for\b/i, instead: 'request' },
  { pattern: /\b(?:an)?other sites?[’']?s? (?:word|sign-in|that people)\b/i, instead: 'identity provider' },
  { pattern: /\bmend(?:s|ed|ing)?\b/i, instead: 'fix' },
  { pattern: /\bt(?:ell|ells|elling|old)\b/i, instead: 'notify, report, say, show or distinguish' },
  { pattern: /\bjudg\w+\b/i, instead: 'validate, classify or decide' },
  { pattern: /\bdut(?:y|ies)\b/i, instead: 'decision, next action' },
  { pattern: /\b(?:is|are|be|been|was|were) (?:over|gone)\b/i, instead: 'is expired; is deleted, not found' },
  { pattern: /\bst(?:ands?|ood)\b(?! for\b)/i, instead: 'is' },
  { pattern: /\b(?:record of|recorded) events\b/i, instead: 'audit log' },
  { pattern: /\bsign-ins? that waits?\b|\bwaiting sign-ins?\b/i, instead: 'pending sign-in' },
  { pattern: /\bfresh proofs?\b|\bproofs? of who\b/i, instead: 'fresh authentication' },
];

/** Further words that code does not use; documents may need them in another sense. */
const codeWordBans: typeof wordBans = [
  ...wordBans,
  { pattern: /\bstrangers?\b/i, instead: 'attacker, unknown client, visitor' },
  { pattern: /\bpe(?:ople|rsons?)\b/i, instead: 'users' },
  { pattern: /\bprograms\b/i, instead: 'API clients; processes, commands or tools' },
  { pattern: /\bgone\b/i, instead: 'deleted, not found, closed' },
  { pattern: /\bbonds?\b/i, instead: 'token data, binding' },
];

const TITLE = /\b(?:describe|it|test|onEvery\w+)\(\s*('[^'\n]*'|`[^`]*`)/g;

/** The comments, the titles of tests, and every name with its words apart. */
function languageOf({ text, code }: Source): string {
  const comments = text.match(/\/\*\*?\s[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm) ?? [];
  const titles = [...code.matchAll(TITLE)].map(([, title = '']) => title);
  const names = withoutTexts(code).match(/[A-Za-z_$][\w$]*/g) ?? [];
  const apart = [...new Set(names)].map((name) =>
    name.replaceAll('_', ' ').replace(/(?<=[a-z\d])[A-Z]/g, ' $&'),
  );
  return [
    ...comments.map((comment) => comment.replace(/“[^”]*”|`[^`]*`|\s*\n\s*\*? ?/g, ' ')),
    ...titles,
    ...apart,
  ].join('\n');
}

const STRING = /'(?:[^'\\\n]|\\.)*'/;
const TEMPLATE = /`(?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^`}]|`[^`]*`)*\})*`/;
const REGULAR_EXPRESSION =
  /(?<=(?:[(,=:!&|?{}[;]|=>|return)\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/;
const TEXT = new RegExp([STRING, TEMPLATE, REGULAR_EXPRESSION].map(({ source }) => source).join('|'), 'g');

/** Code without its strings and regular expressions. */
function withoutTexts(code: string): string {
  return code.replace(TEXT, "''");
}

/** Where these words are not used. Quoted code and texts of the interface are left out. */
const wordScopes: readonly {
  readonly what: string;
  readonly bans: typeof wordBans;
  readonly files: () => readonly { path: string; text: string }[];
}[] = [
  {
    what: 'the documents',
    bans: wordBans,
    files: () => {
      const own = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
      return [...own, ...filesUnder(['docs', 'tests'], ['.md'])].map((path) => ({
        path,
        text: textOf(path).replace(/```.*?```|`[^`\n]*`|“[^”\n]*”|<!--.*?-->/gs, ''),
      }));
    },
  },
  {
    what: 'the comments of deployment files',
    bans: wordBans,
    files: () =>
      filesUnder(['deploy'], ['.yaml', '.conf', '.service', 'file']).map((path) => ({
        path,
        text: [...textOf(path).matchAll(/#.*$|summary: .*$/gm)].join('\n'),
      })),
  },
  {
    what: 'comments, names and test titles',
    bans: codeWordBans,
    files: () => sources.map((source) => ({ path: source.path, text: languageOf(source) })),
  },
];

describe('the language', () => {
  for (const { what, bans, files } of wordScopes) {
    it(`of ${what} uses the standard terms`, () => {
      const found = files().flatMap(({ path, text }) =>
        bans.flatMap(({ pattern, instead }) => {
          const match = pattern.exec(text);
          return match === null ? [] : [`${path}: “${match[0]}”; ${instead}`];
        }),
      );
      assert.deepEqual(found, []);
    });
  }
});

describe('an export', () => {
  it('is imported by another file or offered by the package', () => {
    const users = new Map<string, Set<string>>();
    for (const { path, imports } of sources) {
      for (const { file, names } of imports) {
        for (const name of names) {
          const key = `${file} ${name}`;
          users.set(key, (users.get(key) ?? new Set()).add(path));
        }
      }
    }
    // An export that only tests use is dead in src.
    // A file of words is imported as a whole for its translations; that uses none of them.
    const usersOfAll = (path: string) => (path.endsWith('/words.ts') ? [] : (users.get(`${path} *`) ?? []));
    const isUsed = (path: string, name: string) =>
      [...(users.get(`${path} ${name}`) ?? []), ...usersOfAll(path)].some(
        (user) => !path.startsWith('src/') || !(isTest(user) || user.startsWith('tests/')),
      );
    const offering = sources.filter(({ path }) => /^(?:src|bench|tests\/support)\//.test(path));
    const doors = ['src/index.ts', 'src/testing/index.ts'];
    const isOffered = (path: string) => doors.includes(path) || path.startsWith('src/adapters/');
    const dead = offering.flatMap(({ path, code, exports }) =>
      exports
        .filter((name) => !isOffered(path) && !isUsed(path, name) && !describesAnExport(code, name))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(dead, [], `no file uses ${dead.join(', ')}; keep it to its file, or take it away`);
  });
});

/**
 * A type that its own file uses is part of the form of what that file exports, and is exported to be read and named.
 */
function describesAnExport(code: string, name: string): boolean {
  const isType = new RegExp(`^export (?:type|interface) ${name}\\b`, 'm').test(code);
  return isType && code.split(new RegExp(`\\b${name}\\b`)).length > 2;
}
