import { html } from 'hono/html';
import type { Html } from './layout.ts';
import { messages } from './messages.ts';

// The server cannot know where the reader is, so times say that they are UTC.
const format = new Intl.DateTimeFormat(messages.dates, {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

/** A moment for people and, beside it, for programs. @param milliseconds of UTC */
export function timeOf(milliseconds: number): Html {
  const moment = new Date(milliseconds);
  return html`<time datetime="${moment.toISOString()}">${format.format(moment)} UTC</time>`;
}
