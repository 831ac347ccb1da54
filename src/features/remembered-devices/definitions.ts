import { aboutSession } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import type { TableBounds } from '../../platform/rate-limit/index.ts';
import { defineCookies, defineFlashes } from '../../platform/web/index.ts';
import { eventWords, flashWords } from './words.ts';

export const cookies = defineCookies({
  remembered:
    'The accounts for which the browser is not asked for a second factor, for as long as MFA_REMEMBER says.',
});

export const events = defineEvents(eventWords, {
  /** A browser is not asked for the second factor again for some time. */
  deviceRemembered: { data: aboutSession, outcome: 'success', isChange: true },
  deviceForgotten: { data: aboutSession, outcome: 'success', isChange: true },
});

export const flashes = defineFlashes(flashWords, {
  deviceForgotten: 'success',
  deviceNotFound: 'notice',
});

/** For docs/limits.md. */
export const tables = {
  remembered_devices: {
    createdBy: 'a right code of a second factor, where the user wants it',
    perClient: 'as its sessions',
    perOwner: 'as many as right codes within `MFA_REMEMBER`',
    deleted: 'when it is forgotten or expires, when a change ends other sessions, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
