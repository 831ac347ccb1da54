import { definePage } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { factorPolicyService } from '../second-factors/index.ts';
import { dashboardView } from './pages.ts';

/** Shows who is signed in, and since when. */
export const dashboardPage = definePage({
  path: paths.home,
  access: 'signed-in',
  needs: { policy: factorPolicyService },
  load:
    ({ methodLabel }, { policy }) =>
    async ({ signedIn, words }) => {
      const { user, session } = signedIn;
      const until = (await policy.demandOn(user.id, session))?.until ?? null;
      return { ...signedIn, until, method: methodLabel(words, session.method) };
    },
  view: dashboardView,
});
