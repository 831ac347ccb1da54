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

/** Settings as texts, by their environment names, and what was wrong with how they were given. */
export type GivenSettings = {
  readonly text: (name: string) => string | undefined;
  /** Those that are given. */
  readonly names: readonly string[];
  readonly faults: readonly Fault[];
  /** What was ignored because it is of other software, in development. */
  readonly warnings: readonly Fault[];
  /** How the given setting is called there, such as `LATCHKEY_PORT`. */
  readonly variable: (name: string) => string;
};

export type Reading<Definitions extends SettingDefinitions> = {
  /** Those without a fault, for rules that join several settings. */
  readonly values: Partial<SettingValues<Definitions>>;
  /** All of them, or null where there are faults. */
  readonly whole: SettingValues<Definitions> | null;
  readonly faults: readonly Fault[];
};

/** Reads every defined setting and collects all faults. */
export function readSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  given: GivenSettings,
): Reading<Definitions> {
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [...given.faults];
  for (const [key, definition] of Object.entries(definitions)) {
    const text = given.text(definition.name) ?? definition.fallback;
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
  const checked = values as SettingValues<Definitions>;
  return { values: checked, whole: faults.length === 0 ? checked : null, faults };
}

/** The environment's name for an option: `logLevel` → `LOG_LEVEL`, `group.member` → `GROUP_MEMBER`. */
export function environmentName(option: string): string {
  return option
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replace('.', '_')
    .toUpperCase();
}
