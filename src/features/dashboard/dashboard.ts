import { definePage } from '../../auth/action.ts';
import { dashboardView } from './pages.ts';

/** Shows who is signed in, and since when. */
export const dashboardPage = definePage({
  path: '/dashboard',
  access: 'signed-in',
  load:
    ({ methodLabel }) =>
    ({ signedIn, words }) => ({ ...signedIn, method: methodLabel(words, signedIn.session.method) }),
  view: dashboardView,
});
