import { defineFeature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { showReadiness } from './readiness.ts';

/** What a load balancer asks: is the process alive, and can it serve. */
export const health = defineFeature({
  name: 'health',
  settings: {},
  tables: [],
  compose: (core) => ({
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
  }),
});
