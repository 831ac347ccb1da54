import { defineFeature } from '../../auth/feature.ts';
import { showDashboard, showHome } from './dashboard.ts';

/** The first page after signing in, and the way there from the bare address. */
export const dashboard = defineFeature({
  name: 'dashboard',
  settings: {},
  tables: [],
  compose: (core) => ({
    routes: [
      { method: 'GET', path: '/', access: 'open', limit: 'none', handle: showHome(core) },
      { method: 'GET', path: '/dashboard', access: 'signed-in', limit: 'none', handle: showDashboard(core) },
    ],
  }),
});
