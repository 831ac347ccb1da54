import { z } from 'zod';
import { defineEvents } from '../events/index.ts';
import { defineWords } from '../words/index.ts';
import { formRefusal } from './csrf.ts';

const eventWords = defineWords({
  requestRefused: 'A request was refused: forged, outdated or for another host',
});

export const webEvents = defineEvents(eventWords, {
  requestRefused: {
    data: z.union([
      z.object({ reason: z.enum([...formRefusal.options, 'stale-form']) }),
      // The request named another host (`seen`) than `BASE_URL`.
      z.object({ reason: z.literal('wrong-host'), seen: z.string(), expected: z.string() }),
    ]),
    outcome: 'failure',
  },
});
