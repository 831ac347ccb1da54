import { z } from 'zod';
import { defineEvents } from '../events/index.ts';
import { idSchema } from '../text/index.ts';

import { eventWords } from './words.ts';

const throttled = {
  name: 'latchkey_throttled_total',
  help: 'Attempts refused by a limit, by its policy.',
  label: 'policy',
};

export const throttleEvents = defineEvents(eventWords, {
  throttled: {
    /** `isRepeated`: the same wait was announced before, as in a flood. */
    data: z.object({ policy: z.string(), subject: idSchema.nullable(), isRepeated: z.boolean() }),
    outcome: 'failure',
    counted: { in: throttled, by: 'policy' },
  },
});
