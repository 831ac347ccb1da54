import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { sessionIds } from '../../auth/identifiers/ids.ts';
import { defineEvents, type EventDetails } from '../../platform/events/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { defineWords } from '../../platform/words/index.ts';

const eventWords = defineWords({
  otherSessionsEnded: ({ count }: EventDetails) =>
    count === undefined ? 'Signed out everywhere else' : `Signed out everywhere else: ${count}`,
});

export const events = defineEvents(eventWords, {
  otherSessionsEnded: {
    data: aboutAccount.extend({ keptSessionId: sessionIds.schema, count: z.number() }),
    outcome: 'success',
    isChange: true,
  },
});

const flashWords = defineWords({
  sessionEnded: 'That browser is signed out now.',
  sessionNotFound: 'That browser was signed out already.',
  otherSessionsEnded: (count: number) =>
    count === 0
      ? 'You were signed in nowhere else.'
      : `You are signed out in ${count} other ${count === 1 ? 'place' : 'places'} now.`,
});

export const flashes = defineFlashes(flashWords, {
  sessionEnded: 'success',
  sessionNotFound: 'notice',
  otherSessionsEnded: 'success',
});
