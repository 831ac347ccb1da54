import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { contentOf, lettersOutside } from './kit/pseudo-language.ts';
import {
  compile,
  copySource,
  LANGUAGES,
  removeLanguages,
  root,
  runProgram,
  runTest,
} from './kit/source-copy.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';
import { ADA } from './kit/visitor.ts';

/** A text between quotation marks, or a comment. */
const TEXT = /\/\*[\s\S]*?\*\/|\/\/ .*|'(?:\\.|[^'\\])*'(:)?|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g;

/** Says each text in a language whose only letter is “ж”; names of properties and what `${…}` contains stay as they are. */
function say(code: string): string {
  return code.replace(TEXT, (text, isName: string | undefined) => {
    if (isName !== undefined || text.startsWith('/') || text === "'en-GB'") return text;
    const parts = text.split(/(\$\{[^}]*\})/);
    return parts
      .map((part) => (part.startsWith('${') ? say(part) : part.replaceAll(/[a-z]/gi, 'ж')))
      .join('');
  });
}

/** `export const loginWords = defineWords({ … });`, perhaps with the type of the words. */
const DEFINITION = /^export const (\w+) = defineWords(?:<[\s\S]*?^\}>)?\(([\s\S]*?)\);$/gm;

/** The translation of a file of words, as the guide in docs/architecture.md asks for it. */
function translationOf(file: string, name: string): string {
  const translations: string[] = [];
  const others = file.replace(DEFINITION, (_, words: string, english: string) => {
    translations.push(`  ${words}: ${say(english)},`);
    return '';
  });
  // What several words share is said once, above them.
  const [imports, shared = ''] = others
    .replace(/\bdefineWords\b/, 'translate')
    .split(/(?<=^import .*;\n)(?!import)([\s\S]*)/m);
  return [
    `${imports}import * as words from './words.ts';`,
    say(shared),
    `export const ${name} = translate(words, {`,
    ...translations,
    '});',
    '',
  ].join('\n');
}

/** Adds a language to a copy of the source: a file beside each file of words, and the list of them. */
function addLanguage(folder: string): readonly string[] {
  const files = globSync('**/words.ts', { cwd: join(folder, 'src') }).toSorted();
  const list = files.map((path, at) => {
    const [name, translation] = [`words${at}`, path.replace('words.ts', 'words.qps.ts')];
    const text = readFileSync(join(folder, 'src', path), 'utf8');
    writeFileSync(join(folder, 'src', translation), translationOf(text, name));
    return { name, path: translation };
  });
  const source = readFileSync(join(folder, LANGUAGES), 'utf8');
  const imports = list.map(({ name, path }) => `import { ${name} } from './${path}';\n`).join('');
  const language = `defineLanguage('qps', [\n${list.map(({ name }) => `  ${name},\n`).join('')}])`;
  writeFileSync(
    join(folder, LANGUAGES),
    imports +
      source
        .replace('import { english,', 'import { defineLanguage, english,')
        .replace('= [english];', `= [english, ${language}];`),
  );
  return list.map(({ path }) => path);
}

/** Serves the login page, and sends the mail that confirms an address. */
const SERVE = `
  import { createLatchkey } from './src/index.ts';
  import { createVisitor } from '${pathToFileURL(join(root, 'tests/kit/visitor.ts')).href}';
  const mails = [];
  const latchkey = createLatchkey({
    databaseUrl: 'sqlite::memory:', secretKey: '${SECRET_KEY}', logLevel: 'silent', email: 'required', mailFrom: 'login@example.org',
    sendMail: async (mail) => { mails.push(mail.text) },
  });
  await latchkey.ready;
  const visitor = createVisitor((request) => latchkey.fetch(request), 'http://localhost:3000');
  const inThatLanguage = { 'accept-language': 'qps' };
  const page = (await visitor.get('/login', inThatLanguage)).body;
  const fields = { username: 'ada', email: 'ada@example.org', password: '${ADA.password}' };
  await visitor.submit('/register', fields, inThatLanguage);
  while (mails.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await latchkey.close();
  console.log(JSON.stringify({ page, mail: mails[0] }));
`;

describe('a copy of the source with a second language, added as the guide says', () => {
  const folder = temporaryFolder();
  let translations: readonly string[] = [];
  before(() => {
    copySource(folder.path);
    removeLanguages(folder.path);
    translations = addLanguage(folder.path);
  });
  after(() => folder[Symbol.dispose]());

  it('compiles with a translation of every file of words, and not where one of its words is missing', () => {
    assert.ok(translations.length > 15);
    const complete = join(folder.path, 'src/features/sign-in/words.qps.ts');
    const incomplete = complete.replace('qps', 'qpx');
    const text = readFileSync(complete, 'utf8');
    writeFileSync(incomplete, text.replace(/^ {2}logoutWords: \{\n[\s\S]*?^\},\n/m, ''));
    // The rest of the source does not depend on the languages that there are.
    const faults = compile(folder.path, [LANGUAGES, 'src/features/sign-in/words.qpx.ts']).split('\n');
    rmSync(incomplete);
    assert.match(faults[0] ?? '', /^src\/features\/sign-in\/words\.qpx\.ts/);
    assert.match(faults.join('\n'), /'logoutWords' is missing/);
    assert.deepEqual(
      faults.slice(1).filter((line) => line.startsWith('src/')),
      [],
    );
  });

  it('keeps the rules of imports', () => {
    for (const path of ['tests/architecture.test.ts', 'tests/kit', 'tests/tiers.ts', 'scripts'])
      cpSync(join(root, path), join(folder.path, path), { recursive: true });
    assert.equal(runTest(folder.path, 'tests/architecture.test.ts'), '');
  });

  it('serves a page and sends a mail in it', () => {
    const served: unknown = JSON.parse(runProgram(folder.path, SERVE));
    assert.ok(typeof served === 'object' && served !== null && 'page' in served && 'mail' in served);
    const [page, mail] = [contentOf(String(served.page)), String(served.mail)];
    for (const text of [page, mail]) assert.match(text, /ж/);
    assert.deepEqual(lettersOutside(page, []), []);
    const [link = ''] = /http\S+/.exec(mail) ?? [];
    assert.deepEqual(lettersOutside(mail.replaceAll(/\d+ \w{3} \d+|UTC/g, ''), ['Latchkey', link]), []);
  });

  it('refuses to start without the translation of one file, and names it', () => {
    using other = temporaryFolder();
    cpSync(folder.path, other.path, { recursive: true });
    const at = translations.indexOf('features/sign-in/words.qps.ts');
    const list = readFileSync(join(other.path, LANGUAGES), 'utf8');
    writeFileSync(join(other.path, LANGUAGES), list.replace(`\n  words${at},`, ''));
    assert.match(
      runProgram(other.path, SERVE),
      /The language qps lacks features\/sign-in\/words\.qps\.ts; src\/languages\.ts lists its files/,
    );
  });
});
