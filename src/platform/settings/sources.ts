import { existsSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { readPath } from '../runtime/index.ts';
import { optionKind, textOfOption } from './option-kind.ts';
import { optionName, unknownOption } from './option-names.ts';
import { OWN_PREFIX } from './own-prefix.ts';
import { environmentName, type Fault, type GivenSettings } from './read.ts';
import type { Setting } from './setting.ts';
import {
  BYTE_ORDER_MARK,
  marked,
  readTextFile,
  type TextFileReading,
  withoutLastBreaks,
} from './text-file.ts';

const DEVELOPMENT_FILE = '.env';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of the library: the names of the settings in camelCase. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

export type OptionValue = string | number | boolean | URL | readonly string[] | undefined;

/**
 * Reads settings from the environment. `LATCHKEY_NAME` stands for `NAME` and wins over it, and `NAME_FILE=path` reads it
 * from a file, as Docker and Kubernetes hand over secrets. Outside production, a `.env` file in `folder` fills what the
 * environment leaves open. A file that cannot be read, and a setting given both ways, are faults.
 */
export function environmentSource(
  environment: Environment,
  definitions: readonly Setting<unknown>[],
  folder: string,
): GivenSettings {
  const variables = openVariables(environment, folder);
  const faults: Fault[] = [...variables.faults];
  const warnings: Fault[] = [];
  const given = new Map<string, Given & { readonly text: string }>();
  for (const { name, foreign, hasQuotes } of definitions) {
    const found = variables.find(name);
    if (found === null) continue;
    const { variable, text, path, isOfProcess } = found;
    if (text !== undefined && path !== undefined) {
      faults.push({ name: variable, message: `is set twice; set either ${variable} or ${variable}_FILE` });
      continue;
    }
    const read = path === undefined ? textInVariable(text ?? '') : readTextFile(path);
    if (!read.ok) {
      faults.push({ name: path === undefined ? variable : `${variable}_FILE`, message: read.problem });
      continue;
    }
    if (isOfProcess && isQuoted(read.text, hasQuotes === true)) {
      faults.push({ name: path === undefined ? variable : `${variable}_FILE`, message: IN_QUOTES });
      continue;
    }
    const owner =
      variable === name && path === undefined && isOfProcess ? foreign?.(read.text, variables) : null;
    if (owner === null || owner === undefined) given.set(name, { ...found, text: read.text });
    else
      (variables.isProduction ? faults : warnings).push({
        name,
        message: `${JSON.stringify(read.text)} ${owner}; ${adviceOn(name, variables)}`,
      });
  }
  return {
    text: (name) => given.get(name)?.text,
    names: [...given.keys()],
    faults,
    warnings,
    variable: (name) => given.get(name)?.variable ?? name,
  };
}

// `.env` has no quotation marks around its values when they are here, unless there were two pairs.
const IN_QUOTES = 'is in quotation marks, which docker --env-file and lists in YAML keep; leave them out';

function isQuoted(text: string, hasDoubleQuotes: boolean): boolean {
  const [, mark] = /^\s*(["'`]).*\1\s*$/s.exec(text) ?? [];
  return mark !== undefined && !(hasDoubleQuotes && mark === '"') && text.trim().length > 1;
}

function adviceOn(name: string, { isProduction: isFault }: { readonly isProduction: boolean }): string {
  const own = OWN_PREFIX + name;
  return isFault ? `set ${own}, which is read first` : `it is ignored here, and ${own} is read first`;
}

/**
 * The names of all that has a value, settings or not; one that is read from a file by the name of its setting. What
 * Kubernetes says of a Service called `latchkey` is left out.
 */
export function variableNames(environment: Environment, folder: string): readonly string[] {
  const all = openVariables(environment, folder).all;
  const present = Object.keys(all).filter((name) => presentText(name, all[name]) !== undefined);
  return [...new Set(present.map((name) => name.replace(/_FILE$/, '')))];
}

/** The variable of a setting that is set to an empty text; null if there is none, or if something gives the setting. */
export function emptyVariable(environment: Environment, folder: string, name: string): string | null {
  const { all, find } = openVariables(environment, folder);
  if (find(name) !== null) return null;
  const candidates = [OWN_PREFIX + name, name].flatMap((variable) => [variable, `${variable}_FILE`]);
  return candidates.find((variable) => all[variable] !== undefined && !isPresent(all[variable])) ?? null;
}

/** A file that settings are read from, by what names it. */
export type SettingFile = {
  readonly name: string;
  readonly path: string;
  /** Whether it contains a requested value; else it only names the files of others. */
  readonly holdsValue: boolean;
};

/** The files that hold settings, by what names them: `NAME_FILE=path` for one, and `.env` where it is read. */
export function settingFiles(
  environment: Environment,
  names: readonly string[],
  folder: string,
): readonly SettingFile[] {
  const { find, development, isProduction: ignoresFile } = openVariables(environment, folder);
  const files = names.flatMap((name) => {
    const found = find(name);
    const reading = found?.path === undefined ? null : readPath(found.path);
    return found === null || reading === null || !reading.ok
      ? []
      : [{ name: `${found.variable}_FILE`, path: reading.path, holdsValue: true }];
  });
  const file = `${folder}/${DEVELOPMENT_FILE}`;
  if (ignoresFile || !existsSync(file)) return files;
  const isHeld = (name: string) =>
    [name, OWN_PREFIX + name].some((variable) => isPresent(development[variable]));
  return [...files, { name: DEVELOPMENT_FILE, path: file, holdsValue: names.some(isHeld) }];
}

/** How a setting is given: by its text, by the path of a file, or wrongly by both. */
type Given = {
  readonly variable: string;
  readonly text: string | undefined;
  readonly path: string | undefined;
  /** Whether the environment has it, and not `.env`. */
  readonly isOfProcess: boolean;
};

/** The variables of the environment and of `.env`. A name with the prefix goes first, then the environment. */
function openVariables(environment: Environment, folder: string) {
  const givenIn =
    (variables: Environment, isOfProcess: boolean) =>
    (variable: string): Given | null => {
      const text = presentText(variable, variables[variable]);
      const path = presentText(`${variable}_FILE`, variables[`${variable}_FILE`]);
      return text === undefined && path === undefined ? null : { variable, text, path, isOfProcess };
    };
  const inProcess = givenIn(environment, true);
  const isProduction = isForProduction(environment, inProcess);
  const { variables: development, faults } = isProduction ? NO_FILE : developmentFile(folder);
  const inFile = givenIn(development, false);
  const find = (name: string): Given | null =>
    inProcess(OWN_PREFIX + name) ?? inFile(OWN_PREFIX + name) ?? inProcess(name) ?? inFile(name);
  const filled = Object.entries(environment).filter(([, text]) => isPresent(text));
  const all: Environment = { ...environment, ...development, ...Object.fromEntries(filled) };
  return { find, all, development, faults, isProduction };
}

/** Whether this is a start in production, where `.env` is not read and a default may do harm. */
export function isProduction(environment: Environment, folder: string): boolean {
  return openVariables(environment, folder).isProduction;
}

function isForProduction(environment: Environment, given: (variable: string) => Given | null): boolean {
  if (environment['NODE_ENV']?.trim().toLowerCase() === 'production') return true;
  const found = given(`${OWN_PREFIX}BASE_URL`) ?? given('BASE_URL');
  const read = found?.path === undefined ? null : readTextFile(found.path);
  const text = found?.text ?? (read?.ok === true ? read.text : '');
  // A value in quotes is a fault, and no reason to read `.env`.
  return /^[\s"'\uFEFF]*https:/i.test(text);
}

const NO_FILE: { readonly variables: Environment; readonly faults: readonly Fault[] } = {
  variables: {},
  faults: [],
};

function developmentFile(folder: string): typeof NO_FILE {
  const path = `${folder}/${DEVELOPMENT_FILE}`;
  // A folder of this name is a virtual environment of Python.
  if (!existsSync(path) || statSync(path).isDirectory()) return NO_FILE;
  const read = readTextFile(path);
  if (read.ok) return { variables: parseEnv(read.text), faults: [] };
  return read.isEmpty
    ? NO_FILE
    : { variables: {}, faults: [{ name: DEVELOPMENT_FILE, message: read.problem }] };
}

/** A text without the line breaks at its end, which a value never needs, and an environment file of Windows leaves. */
function textInVariable(text: string): TextFileReading {
  return text.startsWith(BYTE_ORDER_MARK) ? marked() : { ok: true, text: withoutLastBreaks(text) };
}

// An empty variable counts as unset: compose files and CI pass `NAME=` for what they do not have. So does what Kubernetes
// says of a Service called `latchkey`.
function presentText(variable: string, text: string | undefined): string | undefined {
  return isPresent(text) && !isServiceLink(variable, text) ? text : undefined;
}

function isPresent(text: string | undefined): text is string {
  return text !== undefined && withoutLastBreaks(text) !== '';
}

const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\/[^/]+:\d+$/;

/** Whether Kubernetes has set a variable for a Service whose name begins like Latchkey's own. @see enableServiceLinks */
function isServiceLink(variable: string, text: string | undefined): boolean {
  if (!variable.startsWith(OWN_PREFIX)) return false;
  return (
    /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable) ||
    (variable.endsWith('_PORT') && SERVICE_LINK.test(text ?? ''))
  );
}

/**
 * Reads settings from the options of `createLatchkey`. An option that is no setting is a fault, so that a
 * misspelt one is never ignored.
 * @param definitions of all settings
 * @param others the options that are no settings, which a misspelt one may mean
 */
export function optionSource(
  options: OptionValues,
  definitions: readonly Setting<unknown>[],
  others: readonly string[] = [],
): GivenSettings {
  const texts = new Map<string, string>();
  const faults: Fault[] = [];
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const known = [...definitions.map(({ name }) => optionName(name)), ...others];
  for (const [option, value] of Object.entries(options)) {
    const name = environmentName(option);
    // `log_level` would be a second spelling of `logLevel`, and a caller who gives both means something.
    const definition = /^[a-z][A-Za-z0-9]*$/.test(option) ? byName.get(name) : undefined;
    if (definition === undefined) {
      faults.push({ name: option, message: unknownOption(option, known) });
      continue;
    }
    // An empty list is the same as none, except where none would admit every user (A65).
    if (Array.isArray(value) && value.length === 0 && definition.neverEmpty === undefined) continue;
    const reading = textOfOption(value, optionKind(definition.schema));
    if (!reading.ok) faults.push({ name, message: reading.problem });
    else if (reading.text !== undefined) texts.set(name, reading.text);
  }
  return {
    text: (name) => texts.get(name),
    names: [...texts.keys()],
    faults,
    warnings: [],
    variable: (name) => name,
  };
}
