import { definePage } from '../../auth/action.ts';
import { defineFeature, siteRoute } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { dashboardView } from './pages.ts';
import * as words from './words.ts';

/** Shows who is signed in, and since when. */
const dashboardPage = definePage({
  path: paths.home,
  access: 'signed-in',
  load:
    ({ methodLabel }) =>
    ({ signedIn, words }) => ({ ...signedIn, method: methodLabel(words, signedIn.session.method) }),
  view: dashboardView,
});

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
