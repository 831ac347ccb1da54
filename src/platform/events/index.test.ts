import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineWords, english } from '../words/language.ts';
import { type Announce, announceTo, defineEvents, type EventDetails, type EventObserver } from './index.ts';

const outcomes = { name: 'outcomes', help: 'Outcomes.', label: 'outcome' };

const events = defineEvents(
  defineWords({
    itemBought: ({ count }: EventDetails) => `Bought ${count ?? 'some'}`,
    refused: 'Refused',
  }),
  {
    itemBought: {
      data: z.object({ subject: z.string(), count: z.number() }),
      outcome: 'success',
      counted: { in: outcomes, as: 'bought' },
    },
    refused: {
      data: z.object({ reason: z.enum(['sold-out', 'closed']), reply: z.string().optional() }),
      outcome: 'failure',
      isWarning: ({ reason }) => reason !== 'closed',
      logOnly: ['reply'],
      counted: { in: outcomes, by: 'reason' },
    },
  },
);

const ORIGIN = { requestId: 'the request', address: '192.0.2.7', userAgent: 'a browser' };

describe('a definition of an event', () => {
  it('has its key in kebab case as its name, and the words of a language as its label', () => {
    const { itemBought, refused } = events;
    assert.deepEqual([itemBought.name, refused.name], ['item-bought', 'refused']);
    assert.equal(itemBought.label(english.words, { count: 2 }), 'Bought 2');
    assert.equal(refused.label(english.words, {}), 'Refused');
  });

  it('lists the values of its counter, and counts under a fixed value or that of a field', () => {
    assert.deepEqual(events.itemBought.counted?.values, ['bought']);
    assert.deepEqual(events.refused.counted?.values, ['sold-out', 'closed']);
    assert.equal(events.refused.counted?.valueOf({ reason: 'closed' }), 'closed');
  });

  it('says what is a warning, and what only the log contains', () => {
    const { isWarning, isRecorded } = events.refused;
    assert.deepEqual([isWarning({ reason: 'closed' }), isWarning({ reason: 'sold-out' })], [false, true]);
    assert.deepEqual([isRecorded('reason'), isRecorded('reply')], [true, false]);
  });

  it('lets the compiler refuse wrong data and missing words', () => {
    const announce: Announce = () => {};
    announce(events.itemBought, { subject: 'an item', count: 1 }, ORIGIN);
    // @ts-expect-error: a misspelt field
    announce(events.itemBought, { subjekt: 'an item', count: 1 }, ORIGIN);
    // @ts-expect-error: a missing field
    announce(events.itemBought, { subject: 'an item' }, ORIGIN);
    // @ts-expect-error: an unknown reason
    announce(events.refused, { reason: 'rain' }, ORIGIN);
    // @ts-expect-error: no words
    defineEvents(defineWords({}), { refused: { data: z.object({}), outcome: 'failure' } });
    const data = z.object({ reason: z.string() });
    // @ts-expect-error: a field that the data lacks
    defineEvents(defineWords({ refused: '' }), { refused: { data, outcome: 'failure', logOnly: ['reply'] } });
  });
});

describe('an announced event', () => {
  it('reaches every observer with its data and origin', () => {
    const seen: unknown[] = [];
    const observer: EventObserver = (...all) => seen.push(all);
    announceTo([observer, observer], assert.ifError)(events.refused, { reason: 'closed' }, ORIGIN);
    const all = [events.refused, { reason: 'closed' }, ORIGIN];
    assert.deepEqual(seen, [all, all]);
  });

  it('reaches every other observer if one throws, and the failure is reported', () => {
    const failure = new Error('the disk is full');
    const broken: EventObserver = () => {
      throw failure;
    };
    const [seen, failures]: [unknown[], unknown[]] = [[], []];
    const announce = announceTo([broken, (_, data) => seen.push(data), broken], (error) =>
      failures.push(error),
    );
    announce(events.refused, { reason: 'closed' }, ORIGIN);
    assert.deepEqual([seen, failures], [[{ reason: 'closed' }], [failure, failure]]);
  });
});
