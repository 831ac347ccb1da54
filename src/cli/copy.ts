import { readFileSync } from 'node:fs';
import { type CopyResult, copyDatabase, isSame } from '../operations/copy/copy.ts';
import { CopyError } from '../operations/copy/side.ts';
import {
  type Command,
  createProgress,
  formatCount,
  type GivenOptions,
  printResult,
  UsageError,
} from '../platform/command-line/index.ts';
import { systemClock } from '../platform/runtime/index.ts';
import { databaseFromEnvironment } from '../read-settings.ts';
import { environment } from './configuration.ts';
import { pathArgument } from './path-argument.ts';

const WORDS = { copying: 'Copying', verifying: 'Verifying' } as const;

export const copy: Command = {
  name: 'copy',
  summary: 'Copy everything to an empty database of any kind, and verify it; run again, it goes on.',
  options: {
    from: { type: 'string', explanation: 'URL of the source, as in DATABASE_URL.' },
    to: { type: 'string', explanation: 'URL of the target, which must be empty.' },
    'from-file': { type: 'string', explanation: 'File that holds the URL of the source.' },
    'to-file': { type: 'string', explanation: 'File that holds the URL of the target.' },
  },
  run: async (given) => {
    const [from, to] = [urlFrom(given, 'from'), urlFrom(given, 'to')];
    const progress = createProgress(process.stderr);
    const result = await copyDatabase({
      from,
      to,
      naming: databaseFromEnvironment(environment(), process.cwd()).databaseOptions,
      now: systemClock(),
      onProgress: ({ stage, table, done, total }) =>
        progress.show({ work: `${WORDS[stage]} ${table}`, done, total }),
    }).finally(progress.end);
    printResult(given, { json: result, text: describe(result) });
    if (!result.verified) throw new CopyError(explainDifference(result));
    return undefined;
  },
};

function urlFrom(given: GivenOptions, name: 'from' | 'to'): string {
  const [text, path] = [given[name], given[`${name}-file`]];
  if (typeof text === 'string' && path === undefined) return text;
  if (typeof path === 'string' && text === undefined) return contentOf(path, name);
  throw new UsageError(`Give either --${name} URL or --${name}-file PATH. See: latchkey copy --help`);
}

function contentOf(path: string, name: 'from' | 'to'): string {
  const file = pathArgument(`--${name}-file`, path);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageError(`--${name}-file names a file that cannot be read; give the path of one`);
  }
}

function describe({ from, to, resumed, verified, tables, leftOut }: CopyResult): readonly string[] {
  return [
    `${from} → ${to}${resumed ? ', going on with an interrupted copy' : ''}`,
    ...tables.map(({ name, source, copied }) => {
      return `${name}: ${formatCount(source.rows)} rows, ${formatCount(copied)} of them copied now`;
    }),
    ...leftOut.map(({ name, reason }) => `${name}: left out; ${reason}`),
    ...(verified ? ['Verified: both databases hold the same.'] : []),
  ];
}

function explainDifference({ tables }: CopyResult): string {
  const names = tables.filter((table) => !isSame(table)).map(({ name }) => name);
  return `source and target differ in ${names.join(', ')}; was one of them in use? Stop what writes to them, empty the target and copy again`;
}
