import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
import { optionalSetting } from '../../core/settings/setting.ts';
import { endOtherSessions, endSession, showSessions } from './devices.ts';
import { type FindPlace, geoipDatabase } from './places.ts';
import { showSession } from './session-api.ts';

export const placeSettings = {
  geoipDatabase: optionalSetting({
    name: 'GEOIP_DATABASE',
    meaning:
      'Path of an `.mmdb` file of cities or countries in MaxMind’s format, from which people are told about where a session of theirs is used. It is read at start.',
    fallbackMeaning: 'none: no places are shown',
    schema: geoipDatabase,
  }),
};

/** Where an account is signed in: the page that lists it and ends what it lists, and what programs ask about. */
export function sessions(core: Core, findPlace: FindPlace = () => null): Feature {
  const signedIn = { access: 'signed-in', limit: 'none' } as const;
  return {
    name: 'sessions',
    needs: [],
    settings: placeSettings,
    tables: [],
    routes: [
      { method: 'GET', path: '/api/session', ...signedIn, handle: showSession(core) },
      { method: 'GET', path: '/account/sessions', ...signedIn, handle: showSessions(core, findPlace) },
      { method: 'POST', path: '/account/sessions/end', ...signedIn, handle: endSession(core) },
      { method: 'POST', path: '/account/sessions/end-others', ...signedIn, handle: endOtherSessions(core) },
    ],
  };
}
