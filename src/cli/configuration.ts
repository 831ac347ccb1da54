import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import {
  inTheirWords,
  inWordsOf,
  type Options,
  poolOf,
  type ReadOptions,
  readOptions,
  settingValues,
} from '../library/options.ts';
import { CommandError } from '../platform/command-line/index.ts';
import { readTextFile } from '../platform/settings/index.ts';
import {
  type Database,
  type DatabaseOptions,
  isDatabaseMissing,
  type OpenDatabase,
  openDatabase,
} from '../platform/sql/index.ts';
import {
  environmentOfOptions,
  type Provider,
  settingsFromEnvironment,
  settingWarnings,
} from '../read-settings.ts';

const FILES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `latchkey.config.${ending}`);

/** Where the commands of this process read settings: in the file of an application, else in the environment. */
type Configuration = {
  readonly environment: NodeJS.ProcessEnv;
  readonly options: Options | null;
};

let current: Configuration = { environment: process.env, options: null };
let hasWarned = false;

// What a module exports; `readOptions` checks the options themselves.
const configModule = z.object({
  default: z.custom<Options>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
});

/**
 * Reads `latchkey.config.ts` of the working folder, where an application has one, with `.env` loaded before it in
 * development. The environment says nothing else then, as for `createLatchkey`.
 * @throws {CommandError | SettingsError} when the file cannot be loaded, and when it has faults
 */
export async function readConfiguration(folder: string): Promise<void> {
  current = { environment: process.env, options: null };
  hasWarned = false;
  const name = FILES.find((file) => existsSync(join(folder, file)));
  if (name === undefined) return;
  if (process.env['NODE_ENV'] !== 'production') loadVariables(join(folder, '.env'));
  const options = await optionsIn(join(folder, name), name);
  const environment = inTheirWords(options, () => environmentOfOptions(settingValues(options)));
  current = { environment, options };
}

// What the file of the application finds in `process.env` when the application runs.
function loadVariables(path: string): void {
  const read = existsSync(path) && statSync(path).isFile() ? readTextFile(path) : null;
  if (read === null || (!read.ok && read.isEmpty)) return;
  if (!read.ok) throw new CommandError(`.env: ${read.problem}`);
  for (const [name, value] of Object.entries(parseEnv(read.text))) process.env[name] ??= value;
}

async function optionsIn(path: string, name: string): Promise<Options> {
  const loaded: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new CommandError(`${name} cannot be loaded: ${error instanceof Error ? error.message : error}`);
  });
  const parsed = configModule.safeParse(loaded);
  if (parsed.success) return parsed.data.default;
  throw new CommandError(`${name} has no default export; write: export default defineLatchkey({ … })`);
}

/** The environment of the commands: that of the process, or what stands for the options of the application. */
export function environment(): NodeJS.ProcessEnv {
  warnOnce();
  return current.environment;
}

/** Says what development ignores, once for each command. An application that gives options reads no environment. */
function warnOnce(): void {
  if (hasWarned || current.options !== null) return;
  hasWarned = true;
  for (const { name, message } of settingWarnings(current.environment, process.cwd()))
    process.stderr.write(`${name}: ${message}\n`);
}

/** Whether an application has its options in a file, which may keep connections open that end with the process. */
export function hasConfigurationFile(): boolean {
  return current.options !== null;
}

/** Runs a command. Faults in settings are named as the application wrote them. */
export async function inWordsOfConfiguration<Value>(work: () => Promise<Value>): Promise<Value> {
  const { options } = current;
  return work().catch((error: unknown) => {
    throw options === null ? error : inWordsOf(options, error);
  });
}

/**
 * All settings, and what an application has given besides.
 * @throws {SettingsError} naming every fault at once
 */
export function wholeConfiguration(): ReadOptions {
  const { options } = current;
  if (options !== null) return readOptions(options);
  return { settings: settingsFromEnvironment(environment(), process.cwd()), ports: {} };
}

/** The pool of the application, which takes the place of a URL. */
export function configuredPool(): OpenDatabase | undefined {
  return current.options === null ? undefined : poolOf(current.options);
}

/** The identity providers of the application besides those of its settings. */
export function configuredProviders(): readonly Provider[] {
  return current.options?.providers ?? [];
}

/** Whether there is no database yet, which opening it would create. */
export function isConfiguredDatabaseMissing(url: string): boolean {
  return configuredPool() === undefined && isDatabaseMissing(url);
}

/** Opens the database, on the pool of the application where it has one. */
export function openConfiguredDatabase<Tables>(url: string, options: DatabaseOptions): Database<Tables> {
  const open = configuredPool();
  return open === undefined ? openDatabase<Tables>(url, options) : open<Tables>(options);
}
