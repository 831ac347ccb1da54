import { defineFeature } from '../../auth/feature.ts';
import { bounds, events, flashes } from './definitions.ts';
import { endOtherSessions, endSession, sessionsPage } from './devices.ts';
import { forgetDevice } from './forget-device.ts';
import { sessionsPanel } from './panel.ts';
import { showSession } from './session-api.ts';
import * as words from './words.ts';

export { type Authentication, authenticationOf } from './authentication.ts';

/** The page that lists the sessions of an account and ends them, and the session for API clients. */
export const sessions = defineFeature({
  name: 'sessions',
  words,
  bounds,
  events,
  flashes,
  pages: [sessionsPage],
  actions: [endSession, endOtherSessions, forgetDevice],
  compose: (core) => {
    const signedIn = { access: 'signed-in', limit: 'none' } as const;
    return {
      accountPanels: [sessionsPanel(core)],
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
