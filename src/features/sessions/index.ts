import { defineFeature } from '../../auth/feature.ts';
import { flashes } from './definitions.ts';
import { endOtherSessions, endSession, showSessions } from './devices.ts';
import { showSession } from './session-api.ts';

/** Where an account is signed in: the page that lists it and ends what it lists, and what programs ask about. */
export const sessions = defineFeature({
  name: 'sessions',
  flashes,
  settings: {},
  tables: [],
  compose: (core) => {
    const signedIn = { access: 'signed-in', limit: 'none' } as const;
    const ofList = { ...signedIn, page: '/account/sessions' } as const;
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
        { method: 'GET', path: '/account/sessions', ...signedIn, handle: showSessions(core) },
        { method: 'POST', path: '/account/sessions/end', ...ofList, handle: endSession(core) },
        { method: 'POST', path: '/account/sessions/end-others', ...ofList, handle: endOtherSessions(core) },
      ],
    };
  },
});
