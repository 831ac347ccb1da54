import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { sessionIds } from '../../auth/identifiers/ids.ts';
import { defineEvents } from '../../platform/events/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { eventWords, flashWords } from './words.ts';

export const events = defineEvents(eventWords, {
  otherSessionsEnded: {
    data: aboutAccount.extend({ keptSessionId: sessionIds.schema, count: z.number() }),
    outcome: 'success',
    isChange: true,
  },
});

export const flashes = defineFlashes(flashWords, {
  sessionEnded: 'success',
  sessionNotFound: 'notice',
  otherSessionsEnded: 'success',
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: [
      'POST /account/sessions/end',
      'POST /account/sessions/end-others',
      'POST /account/sessions/forget-device',
    ],
    costs: 'deletes rows',
    bound: 'only rows of the user',
  },
];
