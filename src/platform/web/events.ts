import { z } from 'zod';
import { defineEvents } from '../events/index.ts';
import { formRefusal } from './csrf.ts';
import { eventWords } from './words.ts';

export const webEvents = defineEvents(eventWords, {
  requestRefused: {
    data: z.union([
      z.object({ reason: z.enum([...formRefusal.options, 'stale-form']) }),
      // The request named another host (`seen`) than `BASE_URL`.
      z.object({
        reason: z.literal('wrong-host'),
        seen: z.string(),
        expected: z.string(),
        kind: z.enum(['listening-address', 'internal-name', 'other-port', 'other-name']),
      }),
    ]),
    outcome: 'failure',
  },
});
