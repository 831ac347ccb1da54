import { parseArgs } from 'node:util';
import { commands } from '../latchkey.ts';
import { serve as startServer } from '../main.ts';
import { BackupError } from '../operations/backup/backup.ts';
import { CopyError } from '../operations/copy/side.ts';
import {
  type Command,
  CommandError,
  type Family,
  optionsOf,
  printResult,
  UsageError,
  watchOutput,
} from '../platform/command-line/index.ts';
import { version } from '../platform/runtime/index.ts';
import { SettingsError } from '../platform/settings/index.ts';
import { DatabaseStartError } from '../platform/sql/index.ts';
import { ListenError } from '../server/listen.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import {
  hasConfigurationFile,
  inWordsOfConfiguration,
  readConfiguration,
  wholeConfiguration,
} from './configuration.ts';
import { commandTools } from './context.ts';
import { copy } from './copy.ts';
import { devCert } from './dev-cert.ts';
import { doctor } from './doctor.ts';
import { isFamily, joinFamilies } from './families.ts';
import { healthy } from './healthy.ts';
import { mail } from './mail.ts';
import { migrate } from './migrate.ts';
import { secret } from './secret.ts';
import { settings } from './settings.ts';
import { tune } from './tune.ts';
import { user } from './user.ts';

const serve: Command = {
  name: 'serve',
  summary: 'Serve the pages, after bringing the database up to date.',
  json: null,
  run: async () => {
    isServing = true;
    await startServer(wholeConfiguration());
    return undefined;
  },
};

/** Whether this process is a server, which goes on when its log cannot be written. */
let isServing = false;
let isOutputWatched = false;

function watchOutputOnce(): void {
  if (isOutputWatched) return;
  isOutputWatched = true;
  watchOutput((code) => {
    if (isServing) return;
    console.error(`The output cannot be written (${code}).`);
    process.exitCode = 1;
  });
}

const own: readonly (Command | Family)[] = [
  serve,
  migrate,
  copy,
  backup,
  settings,
  secret,
  tune,
  doctor,
  healthy,
  user,
  audit,
  mail,
  devCert,
];

const verbs = joinFamilies([...own, ...commands.flatMap((create) => create(commandTools))]);

// sysexits.h: EX_USAGE and EX_CONFIG
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

/**
 * Runs one verb of the command line, and sets the exit status if it fails.
 * @param end ends what is left; by default the process, if its status is decided
 */
export async function main(words: readonly string[], end = endDecidedProcess): Promise<void> {
  watchOutputOnce();
  try {
    await run(words);
  } catch (error) {
    reportError(error);
  }
  end();
}

// A connection that a database driver or an application left open would keep the process alive.
function endDecidedProcess(): void {
  if (process.exitCode !== undefined) process.stderr.write('', () => process.exit());
}

async function run(words: readonly string[]): Promise<void> {
  const [verb] = words;
  if (verb === undefined || isHelp(verb)) return console.log(describeHelp(words.slice(1)));
  if (verb === 'version' || verb === '--version' || verb === '-v') return console.log(version());
  const { chosen, rest } = choose(words);
  if (isFamily(chosen)) {
    if (rest[0] === undefined) throw new UsageError(`Say what to do. See: latchkey ${chosen.name} --help`);
    return console.log(describeFamily(chosen));
  }
  const { values, positionals } = parse(chosen, rest);
  if (values['help'] === true) return console.log(describeCommand(chosen));
  checkOperands(chosen, positionals);
  await readConfiguration(process.cwd());
  const result = await inWordsOfConfiguration(() => chosen.run(values, positionals));
  if (result === undefined) return;
  printResult(values, result);
  // Its `end` then leaves nothing open of what the file of the application has opened.
  if (hasConfigurationFile()) process.exitCode ??= 0;
}

function parse(command: Command, args: string[]) {
  const { name, operands } = command;
  const options = { ...optionsOf(command), help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args, strict: true, allowPositionals: operands !== undefined, options });
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UsageError(`${problem?.replace(/\.?$/, '.')} See: latchkey ${name} --help`);
  }
}

function checkOperands({ name, operands = [] }: Command, words: readonly string[]): void {
  const missing = operands[words.length];
  if (missing !== undefined && missing.isOptional !== true)
    throw new UsageError(`latchkey ${name} takes a ${missing.name}. See: latchkey ${name} --help`);
  const surplus = words[operands.length];
  if (surplus !== undefined)
    throw new UsageError(`Unexpected argument '${surplus}'. See: latchkey ${name} --help`);
}

/** The command that the words name, and the remaining words; the family if they do not name one of its verbs. */
function choose([verb = '', ...rest]: readonly string[]): {
  readonly chosen: Command | Family;
  readonly rest: string[];
} {
  const chosen = verbs.find(({ name }) => name === verb);
  if (chosen === undefined) throw new UsageError(`There is no “${verb}”. See: latchkey --help`);
  const [next] = rest;
  if (!isFamily(chosen) || next === undefined || isHelp(next)) return { chosen, rest };
  const member = chosen.members.find(({ name }) => name === `${verb} ${next}`);
  if (member === undefined)
    throw new UsageError(`There is no “${verb} ${next}”. See: latchkey ${verb} --help`);
  return { chosen: member, rest: rest.slice(1) };
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function describeHelp(words: readonly string[]): string {
  if (words.length > 0) {
    const { chosen } = choose(words);
    return isFamily(chosen) ? describeFamily(chosen) : describeCommand(chosen);
  }
  return [
    'Usage: latchkey <verb> [options]',
    '',
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`),
    '',
    'latchkey <verb> --help explains one, and latchkey --version prints the version.',
  ].join('\n');
}

function describeFamily({ name, summary, members }: Family): string {
  return [
    `Usage: latchkey ${name} <verb> [options]`,
    summary,
    '',
    ...members.map((member) => `  ${member.name.slice(name.length + 1).padEnd(15)}${member.summary}`),
    '',
    `latchkey ${name} <verb> --help explains one.`,
  ].join('\n');
}

function describeCommand(command: Command): string {
  const { name, summary, operands = [] } = command;
  const row = (form: string, explanation: string) => `  ${form.padEnd(20)}${explanation}`;
  return [
    [
      'Usage: latchkey',
      name,
      '[options]',
      ...operands.map((it) => (it.isOptional ? `[${it.name}]` : it.name)),
    ].join(' '),
    summary,
    '',
    ...operands.map((operand) => row(operand.name, operand.explanation)),
    ...Object.entries(optionsOf(command)).map(([option, { type, explanation }]) =>
      row(type === 'string' ? `--${option} VALUE` : `--${option}`, explanation),
    ),
    row('--help', 'Show this.'),
  ].join('\n');
}

/** Prints one line per fault that the operator can fix; any other error is a defect and is printed with its stack. */
function reportError(error: unknown): void {
  const isExpected =
    error instanceof SettingsError ||
    error instanceof DatabaseStartError ||
    error instanceof ListenError ||
    error instanceof CopyError ||
    error instanceof BackupError ||
    error instanceof CommandError ||
    error instanceof UsageError;
  console.error(isExpected ? error.message : error);
  process.exitCode = exitStatusOf(error);
}

function exitStatusOf(error: unknown): number {
  if (error instanceof SettingsError || (error instanceof ListenError && error.isOfSetting))
    return EXIT_CONFIG;
  return error instanceof UsageError ? EXIT_USAGE : 1;
}
