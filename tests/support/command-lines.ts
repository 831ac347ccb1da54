import assert from 'node:assert/strict';
import { runProgram } from './program.ts';
import { SECRET_KEY, type TestSystem } from './system.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Several command lines in one process, for a process takes longer to start than they all do to run.
const EACH_LINE = `
import { perform } from '${new URL('../../src/cli/main.ts', import.meta.url)}';
for (const line of JSON.parse(process.argv[1])) {
  await perform(line);
  process.stdout.write(process.exitCode + '\\0');
  process.stderr.write('\\0');
  process.exitCode = 0;
}`;

/** Runs command lines one after the other, and tells of each how it would have ended. */
export async function runLines(
  folder: string,
  lines: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv = {},
) {
  const words = [
    '--conditions=latchkey-source',
    '--input-type=module',
    '--eval',
    EACH_LINE,
    JSON.stringify(lines),
  ];
  const { stdout, stderr, status } = await runProgram(words, { folder, environment });
  assert.equal(status, 0, stderr);
  const outputs = stdout.split('\0');
  const complaints = stderr.split('\0');
  return lines.map((_, position) => {
    const [, text = '', code] = /^(.*?)(\d+|undefined)$/s.exec(outputs[position] ?? '') ?? [];
    return {
      status: code === 'undefined' ? 0 : Number(code),
      stdout: text,
      stderr: complaints[position] ?? '',
    };
  });
}

/** Runs them on the database of a system that goes on serving. */
export async function runLinesOn({ databaseUrl }: TestSystem, lines: readonly (readonly string[])[]) {
  using folder = temporaryFolder();
  return await runLines(folder.path, lines, { DATABASE_URL: databaseUrl, SECRET_KEY });
}
