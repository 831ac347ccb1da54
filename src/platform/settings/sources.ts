import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { resultOrNull } from '../runtime/index.ts';
import { optionKind, textOfOption } from './option-kind.ts';
import { optionName, unknownOption } from './option-names.ts';
import { environmentName, type Fault, type GivenSettings } from './read.ts';
import type { Setting } from './setting.ts';

const DEVELOPMENT_FILE = '.env';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of the library: the names of the settings in camelCase. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

export type OptionValue = string | number | boolean | URL | readonly string[] | undefined;

/**
 * Reads settings from the environment. `NAME_FILE=path` stands for `NAME`, as Docker and Kubernetes hand
 * over secrets. Outside production, a `.env` file in `folder` fills what the environment leaves open.
 * A file that cannot be read, and a setting given both ways, are faults.
 */
export function environmentSource(
  environment: Environment,
  names: readonly string[],
  folder: string,
): GivenSettings {
  const givenFor = giving(environment, folder);
  const faults: Fault[] = [];
  const texts = new Map<string, string>();
  for (const name of names) {
    const { direct, path } = givenFor(name);
    if (direct !== undefined && path !== undefined) {
      faults.push({ name, message: `is set twice; set either ${name} or ${name}_FILE` });
    } else if (path !== undefined) {
      const content = resultOrNull(() => readFileSync(path, 'utf8'));
      if (content === null)
        faults.push({
          name: `${name}_FILE`,
          message: 'names a file that cannot be read; give the path of one',
        });
      else texts.set(name, content.replace(/\r?\n$/, ''));
    } else if (direct !== undefined) {
      texts.set(name, direct);
    }
  }
  return { text: (name) => texts.get(name), names: [...texts.keys()], faults };
}

/** The names of all that has a value, settings or not; one that is read from a file by the name of its setting. */
export function variableNames(environment: Environment, folder: string): readonly string[] {
  const all = { ...developmentFile(environment, folder), ...environment };
  const present = Object.keys(all).filter((name) => presentText(all[name]) !== undefined);
  return [...new Set(present.map((name) => name.replace(/_FILE$/, '')))];
}

/** Whether a variable is set to an empty text, and nothing else gives the setting. */
export function isEmptyVariable(environment: Environment, folder: string, name: string): boolean {
  const all = { ...developmentFile(environment, folder), ...environment };
  return all[name] === '' && presentText(all[`${name}_FILE`]) === undefined;
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
  const givenFor = giving(environment, folder);
  const files = names.flatMap((name) => {
    const { path } = givenFor(name);
    return path === undefined ? [] : [{ name: `${name}_FILE`, path, holdsValue: true }];
  });
  const file = `${folder}/${DEVELOPMENT_FILE}`;
  const isRead = !isProduction(environment) && existsSync(file);
  if (!isRead) return files;
  const development = developmentFile(environment, folder);
  const holdsValue = names.some((name) => presentText(development[name]) !== undefined);
  return [...files, { name: DEVELOPMENT_FILE, path: file, holdsValue }];
}

/** How a setting is given: by its text, by the path of a file, or wrongly by both. The environment goes first. */
function giving(environment: Environment, folder: string) {
  const development = developmentFile(environment, folder);
  return (name: string) => {
    const isGiven = [name, `${name}_FILE`].some(
      (variable) => presentText(environment[variable]) !== undefined,
    );
    const variables = isGiven ? environment : development;
    return { direct: presentText(variables[name]), path: presentText(variables[`${name}_FILE`]) };
  };
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
  return { text: (name) => texts.get(name), names: [...texts.keys()], faults };
}

function developmentFile(environment: Environment, folder: string): Environment {
  if (isProduction(environment)) return {};
  const content = resultOrNull(() => readFileSync(`${folder}/${DEVELOPMENT_FILE}`, 'utf8'));
  return content === null ? {} : parseEnv(content);
}

function isProduction(environment: Environment): boolean {
  return environment['NODE_ENV'] === 'production' || /^\s*https:/i.test(environment['BASE_URL'] ?? '');
}

// An empty variable counts as unset: compose files and CI pass `NAME=` for what they do not have.
function presentText(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
