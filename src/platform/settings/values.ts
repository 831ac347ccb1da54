import { z } from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from '../runtime/index.ts';
import { givenAs } from './option-kind.ts';

/** Refuses the text of a setting. @param message what is wrong with it, and what would be right */
export function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** A duration such as `30m`, `12h` or `7d`, within bounds; the value is in milliseconds. */
export function duration(bounds: { minimum: string; maximum: string }): z.ZodType<number, string> {
  const minimum = parseDuration(bounds.minimum);
  const maximum = parseDuration(bounds.maximum);
  const wanted = `give a whole number and a unit (s, m, h, d), from ${bounds.minimum} to ${bounds.maximum}`;
  const schema = z.string().transform((text, context) => {
    const value = parseDuration(text);
    return value >= minimum && value <= maximum
      ? value
      : refuse(context, `is not a fitting duration; ${wanted}`);
  });
  return givenAs('duration', schema);
}

/** The milliseconds of a duration such as `30m`; `NaN` for any other text. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text.trim());
  return Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
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

export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodType<Words[number], string> {
  const schema = z.string().transform((text, context) => {
    const found = words.find((word) => word === text.trim());
    return found ?? refuse(context, `is not known; give one of ${words.join(', ')}`);
  });
  const isSwitch = words.toSorted().join() === 'off,on';
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
