import { coreSettings } from './core/settings/definitions.ts';
import { type GivenSettings, readSettings, SettingsError } from './core/settings/read.ts';
import { type CoreSettings, coreFaults, resolveCoreSettings } from './core/settings/resolve.ts';
import type { SettingValues } from './core/settings/setting.ts';
import { environmentSource, type OptionValues, optionSource } from './core/settings/sources.ts';
import { passwordSettings } from './features/passwords/index.ts';

/** Every setting there is: the core's and the features'. The README's table is made from this. */
export const settingDefinitions = { ...coreSettings, ...passwordSettings };

export type Settings = CoreSettings & SettingValues<typeof passwordSettings>;

const names = Object.values(settingDefinitions).map((definition) => definition.name);

/**
 * Reads the settings of a server from the environment, and in development from `.env` in the working folder.
 * @throws {SettingsError} naming every fault at once
 */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv, folder: string): Settings {
  return resolve(environmentSource(environment, names, folder));
}

/**
 * Reads the settings of a library from the options of `createLatchkey`.
 * @throws {SettingsError} naming every fault at once
 */
export function settingsFromOptions(options: OptionValues): Settings {
  return resolve(optionSource(options, names));
}

function resolve(given: GivenSettings): Settings {
  const { values, whole, faults } = readSettings(settingDefinitions, given);
  const allFaults = [...faults, ...coreFaults(values)];
  if (whole === null || allFaults.length > 0) throw new SettingsError(allFaults);
  const { passwordMinLength, passwordHash } = whole;
  return { ...resolveCoreSettings(whole), passwordMinLength, passwordHash };
}
