import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
import { showSession } from './session-api.ts';

/** What programs ask about the session. */
export function sessions(core: Core): Feature {
  return {
    name: 'sessions',
    needs: [],
    settings: {},
    tables: [],
    routes: [
      { method: 'GET', path: '/api/session', access: 'signed-in', limit: 'none', handle: showSession(core) },
    ],
  };
}
