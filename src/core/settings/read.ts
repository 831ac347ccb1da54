import type { SettingDefinitions, SettingValues } from './setting.ts';

/** One line of what is wrong with the settings: the name, what is wrong, what would be right. */
export type Fault = { readonly name: string; readonly message: string };

/** Thrown when settings are wrong or missing. The process ends with exit status 78 (EX_CONFIG). */
export class SettingsError extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.name}: ${fault.message}`).join('\n'));
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

/** Gives the text of a setting by its environment name, or undefined when it is not set. */
export type Source = (name: string) => string | undefined;

export type Reading<Definitions extends SettingDefinitions> =
  | { readonly values: SettingValues<Definitions> }
  | { readonly faults: readonly Fault[] };

/** Reads every defined setting from a source and reports all faults together. */
export function readSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  source: Source,
): Reading<Definitions> {
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [key, definition] of Object.entries(definitions)) {
    const text = source(definition.name) ?? definition.fallback;
    if (text === null) continue;
    const parsed = definition.schema.safeParse(text);
    if (parsed.success) {
      values[key] = parsed.data;
    } else {
      const shown = definition.secret ? 'its value' : JSON.stringify(text);
      const problem = parsed.error.issues[0]?.message ?? 'is wrong';
      faults.push({ name: definition.name, message: `${shown} ${problem}` });
    }
  }
  // Each value came out of its own definition's schema, under that definition's key.
  return faults.length > 0 ? { faults } : { values: values as SettingValues<Definitions> };
}

/** The environment's name for an option: `sessionIdle` → `SESSION_IDLE`. */
export function environmentName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
