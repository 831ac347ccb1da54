import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { showReadiness } from './readiness.ts';

/** What a load balancer asks: is the process alive, and can it serve. */
export function health(core: Core): Feature {
  return {
    name: 'health',
    needs: [],
    settings: {},
    tables: [],
    routes: [
      {
        method: 'GET',
        path: paths.alive,
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: () => core.answers.text(200, 'ok'),
      },
      {
        method: 'GET',
        path: paths.ready,
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: showReadiness(core),
      },
    ],
  };
}
