import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One import or re-export of a file. */
export type Import = {
  /** As written: `./clock.ts` or `kysely`. */
  readonly module: string;
  /** The file that it refers to, from the root of the checkout; null for a package. */
  readonly file: string | null;
  /** The imported names, as the other file exports them; `*` for all. */
  readonly names: readonly string[];
};

/** A file of the project, read for the tests that check the sources. */
export type Source = {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  /** The text without its comments. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The names that are declared here and exported; a re-export counts as an import. */
  readonly exports: readonly string[];
};

/** The files under some folders, in the order of their paths. */
export function filesUnder(folders: readonly string[], endings: readonly string[]): readonly string[] {
  const patterns = folders.flatMap((folder) => endings.map((ending) => `${folder}/**/*${ending}`));
  return globSync(patterns, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Reads TypeScript and JavaScript. It relies on the formatter: statements begin a line, imports end one. */
export function readSources(folders: readonly string[]): readonly Source[] {
  return filesUnder(folders, ['.ts', '.js']).map((path) => {
    const text = textOf(path);
    const code = withoutComments(text);
    return { path, text, code, imports: importsIn(code, path), exports: exportsIn(code) };
  });
}

export const isTest = (path: string): boolean => path.endsWith('.test.ts');

function withoutComments(text: string): string {
  return text.replace(/\/\*\*?\s[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '$1');
}

const FROM =
  /^(?:import|export) (?:type )?((?:[\w$]+, )?(?:\{[^}]*\}|\*(?: as [\w$]+)?|[\w$]+)) from '([^']+)'/gm;
const BARE = /^import '([^']+)'|\bimport\('([^']+)'\)/gm;

function importsIn(code: string, path: string): readonly Import[] {
  const fileOf = (module: string) =>
    module.startsWith('.') ? posix.join(posix.dirname(path), module) : null;
  const named = [...code.matchAll(FROM)].map(([, clause = '', module = '']) => ({
    module,
    file: fileOf(module),
    names: namesIn(clause),
  }));
  const bare = [...code.matchAll(BARE)].map(([, atStart, inside]) => {
    const module = atStart ?? inside ?? '';
    return { module, file: fileOf(module), names: atStart === undefined ? ['*'] : [] };
  });
  return [...named, ...bare];
}

function namesIn(clause: string): readonly string[] {
  const [, listed] = /\{([^}]*)\}/.exec(clause) ?? [];
  if (listed === undefined) return [clause.startsWith('*') ? '*' : 'default'];
  const names = listed.split(',').map(
    (part) =>
      part
        .trim()
        .replace(/^type /, '')
        .split(' as ')[0] ?? '',
  );
  return names.filter((name) => name !== '');
}

const DECLARED = /^export (?:async )?(?:const|function\*?|class|type|interface|let) ([\w$]+)/gm;
const LISTED = /^export (?:type )?\{([^}]*)\};/gm;

function exportsIn(code: string): readonly string[] {
  const declared = [...code.matchAll(DECLARED)].map(([, name = '']) => name);
  const listed = [...code.matchAll(LISTED)].flatMap(([, names = '']) =>
    names.split(',').map((part) => part.trim().split(' as ').at(-1) ?? ''),
  );
  return [...declared, ...listed].filter((name) => name !== '');
}
