import { z } from 'zod';
import type { Observer } from '../../src/composition/announce.ts';

const text = z.string().optional();

/** An event with its origin; the fields that tests read are typed. */
const seenEvent = z.looseObject({
  type: z.string(),
  accountId: z.string().nullable().optional(),
  sessionId: z.string().nullable().optional(),
  endedBy: text,
  invitationId: text,
  reason: text,
  policy: text,
  code: z.string().nullable().optional(),
  requestId: text,
  address: text,
  userAgent: text,
  work: text,
});
export type SeenEvent = z.infer<typeof seenEvent>;

/** Collects events. */
export function createEventCollector(): {
  readonly events: readonly SeenEvent[];
  readonly observe: Observer;
} {
  const events: SeenEvent[] = [];
  return {
    events,
    observe: (event, origin) => {
      events.push(seenEvent.parse({ ...event, ...origin }));
    },
  };
}
