import { html } from 'hono/html';
import { messages } from '../../../auth/pages/messages.ts';
import { DAY, HOUR, MINUTE } from '../../runtime/index.ts';
import type { Html } from './layout.ts';

// The server cannot know where the reader is, so times say that they are UTC.
const FORMAT = { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone: 'UTC' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

// “1 day ago” and never “yesterday”, which begins at an hour that depends on where the reader is.
const distance = new Intl.RelativeTimeFormat(messages.dates, { numeric: 'always' });
const UNITS = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

/** A moment in words. @param milliseconds of UTC @param locale how dates are written (BCP 47) */
export function momentText(milliseconds: number, locale: string = messages.dates): string {
  const format = formats.get(locale) ?? new Intl.DateTimeFormat(locale, FORMAT);
  formats.set(locale, format);
  return `${format.format(milliseconds)} UTC`;
}

/** A moment for people and, beside it, for programs. @param milliseconds of UTC */
export function timeOf(milliseconds: number): Html {
  return html`<time datetime="${new Date(milliseconds).toISOString()}">${momentText(milliseconds)}</time>`;
}

/** How long ago a moment was, such as “2 hours ago”. Both are milliseconds of UTC. */
export function agoText(milliseconds: number, now: number): string {
  const passed = now - milliseconds;
  const [unit, length] = UNITS.find(([, least]) => passed >= least) ?? [];
  return unit === undefined ? messages.justNow : distance.format(-Math.floor(passed / length), unit);
}
