import type { z } from 'zod';

/** One setting: what the environment calls it, what it means, and how its text becomes a value. */
export type Setting<Value> = {
  /** The name in the environment, such as `LOG_LEVEL`; options use the same name in camelCase. */
  readonly name: string;
  /** One line for docs/settings.md. */
  readonly meaning: string;
  /** The text of the default; null where the value is then left out or derived. */
  readonly fallback: string | null;
  /** How documents and `latchkey settings` word the default where it is derived, such as `http://localhost:$PORT`. */
  readonly fallbackMeaning?: string;
  /** From text to value; its messages say what is wrong and what would be right. */
  readonly schema: z.ZodType<Value, string>;
  /**
   * For a setting that limits who may sign in, and no user if it is unset, an empty text is a fault instead of unset: `true`, or the
   * name of another setting, while that one is given (A65).
   */
  readonly neverEmpty?: true | string;
  /**
   * The same in production alone, where the default would lose data or protect less: compose files pass an empty text for a
   * variable that was forgotten.
   */
  readonly neverEmptyInProduction?: true;
  /** Whether quotation marks around a text have a meaning, such as around a name with commas. */
  readonly hasQuotes?: true;
  /**
   * Says whose value a text is, if other software sets a variable of the same name; null for a text that may be meant. Such
   * a text is a fault in production, and ignored with a warning in development.
   */
  readonly foreign?: (text: string, at: { readonly isProduction: boolean }) => string | null;
  /** A secret is never printed, not even in the line that reports its fault. */
  readonly secret?: boolean;
  /** How a secret's text may be shown all the same, such as a URL without its user information. */
  readonly masked?: (text: string) => string;
};

export type Required<Value> = Setting<Value> & { readonly fallback: string };
export type Optional<Value> = Setting<Value> & { readonly fallback: null };

export type SettingDefinitions = Readonly<Record<string, Setting<unknown>>>;

/** The values that definitions give: optional ones may be undefined. */
export type SettingValues<Definitions extends SettingDefinitions> = {
  readonly [Key in keyof Definitions]: Definitions[Key] extends Required<infer Value>
    ? Value
    : Definitions[Key] extends Optional<infer Value>
      ? Value | undefined
      : never;
};

/** Declares a setting that always has a value. */
export function setting<Value>(definition: Required<Value>): Required<Value> {
  return definition;
}

/** Declares a setting that may stay unset. */
export function optionalSetting<Value>(definition: Omit<Optional<Value>, 'fallback'>): Optional<Value> {
  return { ...definition, fallback: null };
}

/** Reads the values of some definitions out of those of all. */
export type SettingsOf = <Definitions extends SettingDefinitions>(
  definitions: Definitions,
) => SettingValues<Definitions>;

/** @param values of all settings, by the keys of their definitions; each was parsed by the schema of its definition */
export function settingsReader(values: object): SettingsOf {
  const entries = new Map(Object.entries(values));
  return <Definitions extends SettingDefinitions>(definitions: Definitions) =>
    Object.fromEntries(
      Object.keys(definitions).map((key) => [key, entries.get(key)]),
    ) as SettingValues<Definitions>;
}
