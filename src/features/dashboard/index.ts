import { defineFeature, openRoute } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { dashboardPage } from './dashboard.ts';

/** The first page after signing in; the bare address leads to it. */
export const dashboard = defineFeature({
  name: 'dashboard',
  pages: [dashboardPage],
  compose: ({ answers }) => ({
    routes: [openRoute('/', () => answers.redirect(paths.home))],
  }),
});
