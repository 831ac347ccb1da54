import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { eventWords, flashWords } from './words.ts';

export const events = defineEvents(eventWords, {
  /** The account is deleted at `deleteAt`, milliseconds of UTC. */
  accountDeletionRequested: {
    data: aboutAccount.extend({ deleteAt: z.number() }),
    outcome: 'success',
    isChange: true,
  },
  dataExported: { data: aboutAccount, outcome: 'success', isChange: true },
});

export const flashes = defineFlashes(flashWords, {
  deletionRequested: 'notice',
  accountDeleted: 'success',
});

export const limits = defineLimits({
  exports: {
    counts: 'exports of the personal data of one account',
    rule: { max: 5, window: HOUR },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['GET /account/export'],
    costs: 'reading all audit records of the account',
    bound:
      '`exports`: 5 an hour, one at a time, in batches of 500; neither a HEAD request nor a page of another site uses one',
  },
  { routes: ['POST /account/delete'], costs: 'deletes rows', bound: 'only rows of the user' },
];
