import { html } from 'hono/html';
import { DAY, HOUR, MINUTE } from '../../runtime/index.ts';
import { localeWords, type Wording } from '../../words/index.ts';
import { timeWords } from '../words.ts';
import type { Html } from './layout.ts';

const UNITS = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

type Formats = { readonly moment: Intl.DateTimeFormat; readonly distance: Intl.RelativeTimeFormat };
const known = new Map<string, Formats>();

function formatsOf(words: Wording): Formats {
  const { locale } = words(localeWords);
  const formats = known.get(locale) ?? createFormats(locale);
  known.set(locale, formats);
  return formats;
}

function createFormats(locale: string): Formats {
  return {
    // The time zone of the user is unknown, so times are in UTC and say so.
    moment: new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      hourCycle: 'h23',
      timeZone: 'UTC',
    }),
    // “1 day ago” and never “yesterday”, which begins at an hour that depends on the time zone.
    distance: new Intl.RelativeTimeFormat(locale, { numeric: 'always' }),
  };
}

/** A moment in words. @param milliseconds of UTC */
export function momentText(words: Wording, milliseconds: number): string {
  return `${formatsOf(words).moment.format(milliseconds)} UTC`;
}

/** A moment for users and, in the attribute, for software. @param milliseconds of UTC */
export function timeOf(words: Wording, milliseconds: number): Html {
  return html`<time datetime="${new Date(milliseconds).toISOString()}">${momentText(words, milliseconds)}</time>`;
}

/** How long ago a moment was, such as “2 hours ago”. Both are milliseconds of UTC. */
export function agoText(words: Wording, milliseconds: number, now: number): string {
  const passed = now - milliseconds;
  const [unit, length] = UNITS.find(([, least]) => passed >= least) ?? [];
  if (unit === undefined) return words(timeWords).justNow;
  return formatsOf(words).distance.format(-Math.floor(passed / length), unit);
}
