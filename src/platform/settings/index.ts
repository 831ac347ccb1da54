export { databaseSettings } from './database-settings.ts';
export { ofBundler, ofGit, ofOtherLog, ofServiceLink, ofShell } from './foreign-values.ts';
export { misspeltNames, type OwnPrefix } from './misspelt-names.ts';
export { givenAs, type OptionKind, optionKind } from './option-kind.ts';
export { faultsOfOptions, optionName } from './option-names.ts';
export { withoutOwnPrefix } from './own-prefix.ts';
export { environmentName, type Fault, type GivenSettings, readSettings, SettingsError } from './read.ts';
export { DEVELOPMENT_SECRET_FILE, developmentSecret, secretFaults } from './secret-key.ts';
export { serverSettings } from './server-settings.ts';
export {
  optionalSetting,
  type Setting,
  type SettingDefinitions,
  type SettingsOf,
  type SettingValues,
  setting,
  settingsReader,
} from './setting.ts';
export {
  emptyVariable,
  environmentSource,
  isProduction,
  type OptionValues,
  optionSource,
  type SettingFile,
  settingFiles,
  variableNames,
} from './sources.ts';
export {
  newSecret,
  SECRET_ADVICE,
  type SecretList,
  splitSecrets,
  strongSecrets,
  TEST_SECRET_KEY,
  weakness,
} from './strong-secret.ts';
export { readTextFile } from './text-file.ts';
export { color, duration, expandPath, line, oneOf, parseDuration, refuse, wholeNumber } from './values.ts';
