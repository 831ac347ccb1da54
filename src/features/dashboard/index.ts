import { defineFeature, siteRoute } from '../../auth/feature.ts';
import { dashboardPage } from './dashboard.ts';
import * as words from './words.ts';

/** The first page after signing in, unless the application has one; the bare address leads to it. */
export const dashboard = defineFeature({
  name: 'dashboard',
  words,
  pages: [dashboardPage],
  isOn: ({ settings }) => settings.afterSignIn === undefined,
  compose: ({ pages, locations }) => ({
    // The application may have the bare address for its own.
    routes:
      locations.onward(null) === '/' ? [] : [siteRoute('/', () => pages.redirect(locations.onward(null)))],
  }),
});
