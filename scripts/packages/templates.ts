import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { z } from 'zod';

/** What running or building an example leaves in its folder. */
const LEFT_BEHIND = [
  'node_modules',
  'data',
  'package-lock.json',
  'dist',
  'build',
  '.next',
  '.svelte-kit',
  '.react-router',
  '.astro',
  '.nuxt',
  '.output',
];

const CODE = /\.(?:[cm]?[jt]sx?|svelte|vue|astro)$/;
/** A relative import; with its quotation mark, so that the same one is written. */
const IMPORT = /\b(from|import)(\s*\(?\s*)(['"])(\.[^'"\n]*)\3/g;
const PACKAGE_IMPORT = /\bfrom ['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^'"]*)?['"]/g;

const versions = z.record(z.string(), z.string());
const rootManifest = z.object({ version: z.string(), dependencies: versions, devDependencies: versions });
const manifestOf = z.looseObject({ scripts: versions, dependencies: versions });

type Manifest = z.infer<typeof manifestOf>;

/** A file of a template, by its path in it. */
export type Template = ReadonlyMap<string, string>;

/** The names of the templates: each folder of `examples/` is one. */
export function templateNames(root: string): readonly string[] {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Writes the templates of `create-latchkey`. */
export function writeTemplates(root: string, target: string): void {
  for (const name of templateNames(root))
    for (const [path, content] of templateOf(root, name)) {
      const file = join(target, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
}

/**
 * An example as a project of its own: its files, and those of `examples/` that it imports, in one folder, with what a
 * project has beside its code.
 */
export function templateOf(root: string, name: string): Template {
  const example = join(root, 'examples', name);
  const own = globSync('**/*', {
    cwd: example,
    exclude: (path) => LEFT_BEHIND.includes(posix.basename(path)),
  })
    .filter((path) => statSync(join(example, path)).isFile())
    .sort();
  const code = new Map<string, string>();
  const shared = new Set<string>();
  for (const path of own)
    code.set(path, adapt(readFileSync(join(example, path), 'utf8'), path, example, shared));
  for (const path of shared) {
    if (code.has(path))
      throw new Error(`examples/${name} has a file ${path} of its own beside the one it imports`);
    code.set(path, readFileSync(join(root, 'examples', path), 'utf8'));
  }
  return complete(root, name, code);
}

/** Lets the imports of what all examples share point into the project. @param shared gets the names of those files */
function adapt(text: string, path: string, example: string, shared: Set<string>): string {
  if (!CODE.test(path)) return text;
  const imported = text.replaceAll(IMPORT, (whole, keyword, between, quote, specifier: string) => {
    const file = posix.normalize(posix.join(posix.dirname(path), specifier));
    const [, outside] = /^\.\.\/([^/]+)$/.exec(file) ?? [];
    if (outside === undefined) return whole;
    const found = [outside, `${outside}.ts`].find((each) => existsSync(join(example, '..', each)));
    if (found === undefined) throw new Error(`${example}/${path} imports ${specifier}, which does not exist`);
    shared.add(found);
    const here = relative(dirname(path), outside);
    return `${keyword}${between}${quote}${here.startsWith('.') ? here : `./${here}`}${quote}`;
  });
  return imported.replaceAll(/npm run example [\w-]+/g, 'npm start');
}

const IGNORED = `node_modules/
# The database, and the secret that is generated for development.
data/
.env
.env.*
*.log
${LEFT_BEHIND.slice(3)
  .map((folder) => `${folder}/\n`)
  .join('')}`;

/** Adds what the example does not have itself: manifest, settings of the compiler, list of ignored files, README. */
function complete(root: string, name: string, code: ReadonlyMap<string, string>): Template {
  const given = code.get('package.json');
  const { version, ...known } = rootManifest.parse(readJson(join(root, 'package.json')));
  const manifest = given === undefined ? newManifest(code, known) : manifestOf.parse(JSON.parse(given));
  const dependencies = { ...manifest.dependencies, latchkey: `^${version}` };
  const settings = { ...(!code.has('tsconfig.json') && { 'tsconfig.json': json(COMPILER_SETTINGS) }) };
  const { '.gitignore': more = '', ...files } = Object.fromEntries(code);
  return new Map(
    Object.entries({
      'README.md': readme(name, manifest),
      ...settings,
      ...files,
      gitignore: IGNORED + more,
      'package.json': json({ ...manifest, name, private: true, dependencies: inOrder(dependencies) }),
    }),
  );
}

type Known = {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};

/** The manifest of an example that needs nothing but Node.js: the packages that it imports, and those of its types. */
function newManifest(code: ReadonlyMap<string, string>, known: Known): Manifest {
  const all = { ...known.devDependencies, ...known.dependencies };
  const imported = [...code.values()].flatMap((text) =>
    [...text.matchAll(PACKAGE_IMPORT)].map(([, it = '']) => it),
  );
  const names = [...new Set(imported)].filter((each) => each in all);
  const types = names.map((each) => `@types/${each}`).filter((each) => each in all);
  const ranges = (list: readonly string[]) =>
    Object.fromEntries(list.toSorted().map((each) => [each, `^${all[each]?.replace('^', '')}`]));
  return {
    type: 'module',
    engines: { node: '^22.18.0 || >=24.0.0' },
    scripts: { start: 'node main.ts', dev: 'node --watch main.ts', check: 'tsc' },
    dependencies: ranges(names),
    devDependencies: ranges([...types, '@types/node', 'typescript']),
  };
}

// Node.js runs the files as they are, so only what it can strip is permitted.
const COMPILER_SETTINGS = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
};

function readme(name: string, { scripts }: Manifest): string {
  const start = scripts['dev'] === undefined ? 'npm start' : 'npm run dev';
  return `# Notes

An application with sign-in by [Latchkey](https://www.npmjs.com/package/latchkey), made from its example for ${name}.

\`\`\`sh
npm install
${start}
\`\`\`

Open the address that it prints, register, and write a note. Latchkey answers \`/login\`, \`/register\`, \`/account\` and others; every other path is the application's.

The database is a file in \`data/\`, with a secret that is generated for development beside it. Before others can reach the application, give \`createLatchkey\` the public address as \`baseUrl\` and a secret as \`secretKey\` (\`npx latchkey secret\` makes one), both from the environment. \`DATABASE_URL\` takes PostgreSQL, MySQL and MariaDB as well.
`;
}

function inOrder(dependencies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
