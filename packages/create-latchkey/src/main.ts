import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProject, REFUSALS } from './create-project.ts';

// sysexits.h: EX_USAGE
const EXIT_USAGE = 64;

/** A fault of the one who called; its message is all there is to say. */
class UsageError extends Error {}

/** Runs the command with its arguments, and sets the exit status if it fails. */
export async function main(words: readonly string[]): Promise<void> {
  try {
    await run(words);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? error.message : error);
    process.exitCode = isUsage ? EXIT_USAGE : 1;
  }
}

const templatesFolder = fileURLToPath(new URL('../templates', import.meta.url));

async function run(words: readonly string[]): Promise<void> {
  const templates = readdirSync(templatesFolder).sort();
  const { values, positionals } = parse(words);
  if (values.help === true) return console.log(help(templates));
  if (positionals.length > 1) throw new UsageError(`Unexpected argument '${positionals[1]}'.`);
  const folder = positionals[0] ?? (await ask('Folder of the application: ', 'FOLDER'));
  const template =
    values.template ?? (await ask(`Template (${templates.join(', ')}): `, '--template TEMPLATE'));
  if (!templates.includes(template))
    throw new UsageError(`There is no template “${template}”; give one of ${templates.join(', ')}.`);
  const creation = createProject({ template: join(templatesFolder, template), folder });
  if (!creation.ok) throw new UsageError(`${folder} ${REFUSALS[creation.reason]}.`);
  console.log(nextCommands(folder, creation.start));
}

function parse(words: readonly string[]) {
  const options = {
    template: { type: 'string', short: 't' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Asks on the terminal; without one there is no one to ask. */
async function ask(question: string, missing: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`${missing} is missing. See: npm create latchkey -- --help`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await terminal.question(question)).trim();
    if (answer === '') throw new UsageError(`${missing} is missing.`);
    return answer;
  } finally {
    terminal.close();
  }
}

function help(templates: readonly string[]): string {
  return [
    'Usage: npm create latchkey@latest FOLDER -- --template TEMPLATE',
    'Starts an application with sign-in, registration and account pages.',
    '',
    '  FOLDER               a new folder, or an empty one',
    `  --template TEMPLATE  ${templates.join(', ')}`,
    '  --help               Show this.',
  ].join('\n');
}

function nextCommands(folder: string, start: string): string {
  const quoted = /^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  return [
    `Created an application in ${folder}. Now run:`,
    '',
    `  cd ${quoted} && npm install`,
    `  ${start}`,
    '',
    'It prints its address; README.md says what is where.',
  ].join('\n');
}
