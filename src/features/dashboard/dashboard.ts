import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import type { SignedInContext } from '../../platform/web/context.ts';
import { dashboardBody } from './pages.ts';

/** GET /: the dashboard, which sends on whoever is not signed in. */
export function showHome({ answers }: Core) {
  return () => answers.redirect('/dashboard');
}

/** GET /dashboard: who is signed in, and since when. */
export function showDashboard({ pages }: Core) {
  return (context: SignedInContext) =>
    pages.show(context, 200, {
      title: messages.dashboard.title,
      body: dashboardBody(context.signedIn),
      width: 'wide',
    });
}
