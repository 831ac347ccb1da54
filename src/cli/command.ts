import type { parseArgs } from 'node:util';

/** Options as `parseArgs` takes them. */
export type OptionDefinitions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** What was given on the command line, by the names of the options. */
export type GivenOptions = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A word that stands for itself, with its name for people and its explanation. */
export type Operand = {
  readonly name: string;
  readonly explanation: string;
  /** None that must be there may follow one that need not. */
  readonly isOptional?: boolean;
};

/** One verb of the command line. */
export type Command = {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Each option with its explanation, for `--help` and for parsing. */
  readonly options: Readonly<Record<string, OptionDefinitions[string] & { readonly explanation: string }>>;
  /** The words that follow the verb, in order, such as the name of a file; none where nothing is said. */
  readonly operands?: readonly Operand[];
  /** Does it; what it throws is reported as one line a fault. The operands that must be there are. */
  readonly run: (given: GivenOptions, operands: readonly string[]) => Promise<void>;
};

/** A word that goes before several verbs, as `user` does before `user list`. Their names begin with it. */
export type Family = {
  readonly name: string;
  readonly summary: string;
  readonly members: readonly Command[];
};

export const jsonOption = { type: 'boolean', explanation: 'Print JSON, for scripts.' } as const;

/** Thrown when a command cannot do what it was asked for; its message is one line. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

/** Thrown when a command line makes no sense; its message says what would. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
