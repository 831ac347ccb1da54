import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
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
        path: '/healthz',
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: () => core.answers.text(200, 'ok'),
      },
      {
        method: 'GET',
        path: '/readyz',
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: showReadiness(core),
      },
    ],
  };
}
