import { z } from 'zod';
import { DAY, HOUR, MINUTE, readPath, SECOND } from '../runtime/index.ts';
import { givenAs } from './option-kind.ts';

/** Refuses the text of a setting. @param message what is wrong with it, and what would be right */
export function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** A path, with `~` for the home folder. */
export function expandPath(text: string, context: z.RefinementCtx): string {
  const reading = readPath(text);
  return reading.ok ? reading.path : refuse(context, reading.problem);
}

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:s|secs?|seconds?)$/i, SECOND],
  // A capital M could mean months.
  [/^(?:m|[Mm](?:in|IN)s?|[Mm]inutes?)$/, MINUTE],
  [/^(?:h|hrs?|hours?)$/i, HOUR],
  [/^(?:d|days?)$/i, DAY],
];

/** A duration such as `30m`, `12h` or `7d`, within bounds; the value is in milliseconds. */
export function duration(bounds: { minimum: string; maximum: string }): z.ZodType<number, string> {
  const minimum = parseDuration(bounds.minimum);
  const maximum = parseDuration(bounds.maximum);
  const wanted = `give a whole number and a unit (s, m, h, d), from ${bounds.minimum} to ${bounds.maximum}`;
  const schema = z.string().transform((text, context) => {
    const value = parseDuration(text);
    if (/^\d+\s*M$/.test(text.trim())) return refuse(context, `could mean minutes or months; ${wanted}`);
    return value >= minimum && value <= maximum
      ? value
      : refuse(context, `is not a fitting duration; ${wanted}`);
  });
  return givenAs('duration', schema);
}

/** The milliseconds of a duration such as `30m`, `12 hours` or `7D`; `NaN` for any other text. */
export function parseDuration(text: string): number {
  const [, count, word = ''] = /^(\d{1,9})\s*([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const [, unit = Number.NaN] = UNITS.find(([pattern]) => pattern.test(word)) ?? [];
  return Number(count) * unit;
}

/** A whole number within bounds, both included. */
export function wholeNumber(minimum: number, maximum: number): z.ZodType<number, string> {
  const schema = z
    .string()
    .refine((text) => isWithin(text.trim(), minimum, maximum), {
      message: `is not fitting; give a whole number from ${minimum} to ${maximum}`,
    })
    .transform((text) => Number(text.trim()));
  return givenAs('number', schema);
}

function isWithin(text: string, minimum: number, maximum: number): boolean {
  return /^\d{1,12}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
}

/** The other words for a switch, as YAML and other software have them. */
const SWITCH_WORDS: Readonly<Record<string, string>> = {
  true: 'on',
  yes: 'on',
  1: 'on',
  enabled: 'on',
  false: 'off',
  no: 'off',
  0: 'off',
  disabled: 'off',
};

/** One of some words, in any case. @param others further spellings that leave no doubt */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  others: Readonly<Record<string, Words[number]>> = {},
): z.ZodType<Words[number], string> {
  const isSwitch = words.toSorted().join() === 'off,on';
  const spellings = new Map(Object.entries(isSwitch ? { ...SWITCH_WORDS, ...others } : others));
  const schema = z.string().transform((text, context) => {
    const given = text.trim().toLowerCase();
    const meant = spellings.get(given) ?? given;
    const found = words.find((word) => word.toLowerCase() === meant);
    return found ?? refuse(context, `is not known; give one of ${words.join(', ')}`);
  });
  return givenAs(isSwitch ? 'boolean' : { words }, schema);
}

/** A short line of text for display. */
export function line(maximumLength: number): z.ZodType<string, string> {
  return z
    .string()
    .transform((text) => text.trim())
    .refine((text) => text.length > 0 && text.length <= maximumLength && !/\p{Cc}/u.test(text), {
      message: `is not fitting; give 1 to ${maximumLength} characters on one line`,
    });
}

export const color: z.ZodType<string, string> = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .refine((text) => /^#[0-9a-f]{6}$/.test(text), {
    message: 'is not a colour; give six hexadecimal digits, such as #1d4ed8',
  });
