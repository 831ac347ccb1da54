import type { parseArgs } from 'node:util';
import { jsonForTerminal } from './terminal.ts';

/** Options as `parseArgs` takes them. */
export type OptionDefinitions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** The options of a command line, by their names. */
export type GivenOptions = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

type Option = OptionDefinitions[string] & { readonly explanation: string };

/** A positional argument. */
export type Operand = {
  readonly name: string;
  readonly explanation: string;
  /** A required operand may not follow an optional one. */
  readonly isOptional?: boolean;
};

/** What a command prints: one JSON value with `--json`, else lines of text. */
export type Result = { readonly json: unknown; readonly text: string | readonly string[] };

/** One verb of the command line. Each accepts `--json`, unless it says otherwise. */
export type Command = {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** How `--json` is explained; null if there is no such option. */
  readonly json?: string | null;
  readonly operands?: readonly Operand[];
  /** An exception is reported as one line per fault. The operands include all required ones. */
  readonly run: (given: GivenOptions, operands: readonly string[]) => Promise<Result | undefined>;
};

/** A word before several verbs, such as `user` before `user list`. The names of the verbs begin with it. */
export type Family = {
  readonly name: string;
  readonly summary: string;
  readonly members: readonly Command[];
};

export function optionsOf({ options = {}, json = 'Print JSON, for scripts.' }: Command) {
  const jsonOption: Option = { type: 'boolean', explanation: json ?? '' };
  return json === null ? options : { ...options, json: jsonOption };
}

export function printResult(given: GivenOptions, { json, text }: Result): void {
  if (given['json'] === true) console.log(jsonForTerminal(json));
  else for (const line of [text].flat()) console.log(line);
}

/** A command cannot do what it was asked for; the message is one line. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** A command line is invalid; the message says what would be valid. */
export class UsageError extends Error {
  override name = 'UsageError';
}
