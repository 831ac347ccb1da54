import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { signOut } from '../../auth/sign-out.ts';
import type { RequestContext, SignedInContext, Submission } from '../../platform/web/context.ts';
import { logoutForm } from './pages.ts';

/** GET /logout: a button that posts; a link alone signs nobody out. */
export function showLogout({ pages }: Core) {
  return (context: RequestContext) => {
    if (context.signedIn === null) return pages.redirect('/login');
    const body = logoutForm({ csrf: pages.csrfToken(context), username: context.signedIn.user.username });
    return pages.show(context, 200, { title: messages.logout.title, body });
  };
}

/** POST /logout */
export function submitLogout(core: Core) {
  return ({ context }: Submission<SignedInContext>) => signOut(core, context);
}
