import { defineFeature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { dashboardPage } from './dashboard.ts';

/** The first page after signing in; the bare address leads to it. */
export const dashboard = defineFeature({
  name: 'dashboard',
  settings: {},
  tables: [],
  pages: [dashboardPage],
  compose: ({ answers }) => ({
    routes: [
      { method: 'GET', path: '/', access: 'open', limit: 'none', handle: () => answers.redirect(paths.home) },
    ],
  }),
});
