import { nearestName } from '../text/index.ts';
import { environmentName, type Fault } from './read.ts';

/** The option of a setting: `LOG_LEVEL` → `logLevel`. */
export function optionName(setting: string): string {
  return setting.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What to say of an option that does not exist. @param known all that exist */
export function unknownOption(option: string, known: readonly string[]): string {
  const folded = (name: string) => name.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const meant = nearestName(folded(option), known.map(folded));
  const found = known.find((name) => folded(name) === meant);
  return found === undefined
    ? 'is not an option; docs/settings.md lists the settings, which are options in camelCase'
    : `is not an option; did you mean ${found}?`;
}

/**
 * Faults in the words of an application: settings are called as its options were written.
 * @param options the names of the given options
 * @param settings the names of all settings
 */
export function faultsOfOptions(
  faults: readonly Fault[],
  options: readonly string[],
  settings: readonly string[],
): readonly Fault[] {
  const written = new Map(options.map((option) => [environmentName(option), option]));
  const renamed = (name: string) =>
    settings.includes(name) ? (written.get(name) ?? optionName(name)) : name;
  const inMessage = (part: string) => part.replace(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g, renamed);
  return faults.map(({ name, message }) => ({
    name: renamed(name),
    // What is quoted was given, and stays as it is.
    message: message
      .split(/("(?:[^"\\]|\\.)*")/)
      .map((part, index) => (index % 2 === 0 ? inMessage(part) : part))
      .join(''),
  }));
}
