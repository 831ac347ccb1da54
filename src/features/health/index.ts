import { defineFeature } from '../../auth/feature.ts';
import { showReadiness } from './readiness.ts';

export const healthPaths = { alive: '/healthz', ready: '/readyz' } as const;

/** What a load balancer asks: is the process alive, and can it serve. */
export const health = defineFeature({
  name: 'health',
  settings: {},
  tables: [],
  compose: (core) => ({
    routes: [
      {
        method: 'GET',
        path: healthPaths.alive,
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: () => core.answers.text(200, 'ok'),
      },
      {
        method: 'GET',
        path: healthPaths.ready,
        access: 'open',
        limit: 'none',
        host: 'any',
        handle: showReadiness(core),
      },
    ],
  }),
});
