import { defineFeature } from '../../auth/feature.ts';
import { events, flashes } from './definitions.ts';
import { endOtherSessions, endSession, sessionsPage } from './devices.ts';
import { showSession } from './session-api.ts';

/** Where an account is signed in: the page that lists it and ends what it lists, and what programs ask about. */
export const sessions = defineFeature({
  name: 'sessions',
  events,
  flashes,
  settings: {},
  tables: [],
  pages: [sessionsPage],
  actions: [endSession, endOtherSessions],
  compose: (core) => {
    const signedIn = { access: 'signed-in', limit: 'none' } as const;
    return {
      routes: [
        { method: 'GET', path: '/api/session', ...signedIn, handle: showSession(core) },
        {
          method: 'GET',
          path: '/api/session/check',
          ...signedIn,
          keepsToken: true,
          handle: showSession(core),
        },
      ],
    };
  },
});
