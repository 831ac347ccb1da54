import { defineFeature, siteRoute } from '../../auth/feature.ts';
import { showReadiness } from './readiness.ts';

export const healthPaths = { alive: '/healthz', ready: '/readyz' } as const;

/** What a load balancer asks: is the process alive, and can it serve. */
export const health = defineFeature({
  name: 'health',
  bounds: [
    {
      routes: ['GET /readyz'],
      costs: 'a query of the database',
      bound: 'none: it writes only if a write has failed',
    },
  ],
  compose: (core) => ({
    routes: [
      { ...siteRoute(healthPaths.alive, () => core.answers.text(200, 'ok')), host: 'any' },
      { ...siteRoute(healthPaths.ready, showReadiness(core)), host: 'any' },
    ],
  }),
});
