import { parseArgs } from 'node:util';
import { CopyError } from '../operations/copy/side.ts';
import { version } from '../platform/runtime/version.ts';
import { SettingsError } from '../platform/settings/read.ts';
import { BackupError, DatabaseStartError } from '../platform/sql/database.ts';
import { ListenError } from '../server/listen.ts';
import { audit } from './audit/audit.ts';
import { backup } from './backup.ts';
import {
  type Command,
  CommandError,
  type Family,
  type Operand,
  type OptionDefinitions,
  UsageError,
} from './command.ts';
import { copy } from './copy.ts';
import { devCert } from './dev-cert.ts';
import { doctor } from './doctor.ts';
import { invite } from './invite/invite.ts';
import { mail } from './mail/mail.ts';
import { migrate } from './migrate.ts';
import { secret } from './secret.ts';
import { serve } from './serve.ts';
import { settings } from './settings.ts';
import { tune } from './tune.ts';
import { user } from './user/user.ts';

const verbs: readonly (Command | Family)[] = [
  serve,
  migrate,
  copy,
  backup,
  settings,
  secret,
  tune,
  doctor,
  user,
  invite,
  audit,
  mail,
  devCert,
];

// sysexits.h
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

/**
 * Runs one verb of the command line, and sets the exit status where it fails.
 * @param end ends what is left; by default the process, if it failed
 */
export async function main(words: readonly string[], end = endFailedProcess): Promise<void> {
  try {
    await run(words);
  } catch (error) {
    report(error);
  }
  end();
}

// What the driver of a database has left open would keep it.
function endFailedProcess(): void {
  if (process.exitCode !== undefined) process.stderr.write('', () => process.exit());
}

async function run(words: readonly string[]): Promise<void> {
  const [verb] = words;
  if (verb === undefined || isHelp(verb)) return console.log(helpAbout(words.slice(1)));
  if (verb === 'version' || verb === '--version' || verb === '-v') return console.log(version());
  const { chosen: command, rest } = choose(words);
  if (isFamily(command)) {
    if (rest[0] === undefined) throw new UsageError(`Say what to do. See: latchkey ${command.name} --help`);
    return console.log(familyHelp(command));
  }
  const help = { type: 'boolean', short: 'h' } as const;
  const { values, positionals } = parse(command, { ...command.options, help }, rest);
  if (values['help'] === true) return console.log(commandHelp(command));
  checkOperands(command, positionals);
  await command.run(values, positionals);
}

function parse({ name, operands }: Command, options: Command['options'] | OptionDefinitions, args: string[]) {
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

/** What the words ask for, and the words that are left for it; a family where they do not say which of its verbs. */
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

function isFamily(chosen: Command | Family): chosen is Family {
  return 'members' in chosen;
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function helpAbout(words: readonly string[]): string {
  if (words.length === 0) return generalHelp();
  const { chosen } = choose(words);
  return isFamily(chosen) ? familyHelp(chosen) : commandHelp(chosen);
}

function generalHelp(): string {
  return [
    'Usage: latchkey <verb> [options]',
    '',
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`),
    '',
    'latchkey <verb> --help tells more, and latchkey --version which one this is.',
  ].join('\n');
}

function familyHelp({ name, summary, members }: Family): string {
  return [
    `Usage: latchkey ${name} <verb> [options]`,
    summary,
    '',
    ...members.map((member) => `  ${member.name.slice(name.length + 1).padEnd(12)}${member.summary}`),
    '',
    `latchkey ${name} <verb> --help tells more.`,
  ].join('\n');
}

function commandHelp({ name, summary, options, operands = [] }: Command): string {
  const words = operands.map(({ name: operand, explanation }) => `  ${operand.padEnd(20)}${explanation}`);
  const lines = Object.entries(options).map(([option, { type, explanation }]) => {
    const form = type === 'string' ? `--${option} VALUE` : `--${option}`;
    return `  ${form.padEnd(20)}${explanation}`;
  });
  return [
    ['Usage: latchkey', name, '[options]', ...operands.map(written)].join(' '),
    summary,
    '',
    ...words,
    ...lines,
    `  ${'--help'.padEnd(20)}Show this.`,
  ].join('\n');
}

function written({ name, isOptional }: Operand): string {
  return isOptional === true ? `[${name}]` : name;
}

/** What somebody can put right is one line a fault; the rest is a defect and shows where it happened. */
function report(error: unknown): void {
  const isExpected =
    error instanceof SettingsError ||
    error instanceof DatabaseStartError ||
    error instanceof ListenError ||
    error instanceof CopyError ||
    error instanceof BackupError ||
    error instanceof CommandError ||
    error instanceof UsageError;
  console.error(isExpected ? error.message : error);
  process.exitCode = exitStatus(error);
}

function exitStatus(error: unknown): number {
  if (error instanceof SettingsError) return EXIT_CONFIG;
  return error instanceof UsageError ? EXIT_USAGE : 1;
}
