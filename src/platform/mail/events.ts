import { z } from 'zod';
import { defineEvents } from '../events/index.ts';
import { idSchema } from '../text/index.ts';

import { eventWords } from './words.ts';

const mail = z.object({
  mailId: z.string(),
  message: z.string(),
  subject: idSchema.nullable(),
  attempts: z.number(),
});
/** The number of the server's reply, or the name of the error. */
const code = z.string().nullable();

export const mailEvents = defineEvents(eventWords, {
  mailSent: { data: mail, outcome: 'success' },
  mailDelayed: { data: mail.extend({ code, nextAttemptAt: z.number() }), outcome: 'failure' },
  /** It is not tried again, and is kept for `latchkey mail retry`. */
  mailFailed: { data: mail.extend({ code }), outcome: 'failure' },
});
