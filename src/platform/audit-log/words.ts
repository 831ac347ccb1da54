import type { EventDetails } from '../events/index.ts';
import { defineWords } from '../words/index.ts';

const withCount = (text: string, { count }: EventDetails) =>
  count === undefined ? text : `${text}: ${count}`;

export const eventWords = defineWords({
  auditRecordsLost: (details: EventDetails) => withCount('Records were lost', details),
  auditRecordsLeftOut: (details: EventDetails) =>
    withCount('Further refusals of strangers were not recorded', details),
  auditResumed: 'The record goes on after an end that could not be believed',
});

export const recordWords = defineWords({
  leftOut: (event: string, count: number) => `${event}: ${count} more, which were not recorded one by one`,
});
