import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { clearSiteData } from '../../platform/web/headers.ts';
import { events, flashes } from './definitions.ts';
import { deletionForm } from './pages.ts';

/** GET /account/delete: what goes, and when; a button that does it. */
export function showDeletion({ pages, clock, settings }: Core, delay: number) {
  return (context: SignedInContext) => {
    const { username } = context.signedIn.user;
    const deleteAt = delay === 0 ? null : clock() + delay;
    const recordDays = Math.ceil(settings.auditRetention / DAY);
    const body = deletionForm({ csrf: pages.csrfToken(context), username, deleteAt, recordDays });
    return pages.show(context, 200, { title: messages.deletion.title, body });
  };
}

/**
 * POST /account/delete: all sessions end → the account goes, at once or after the delay → the browser forgets.
 * Whose account it is, the session alone says (A17).
 */
export function submitDeletion(core: Core, delay: number) {
  return async ({ context }: Submission<SignedInContext>) => {
    const accountId = context.signedIn.user.id;
    if (delay === 0) await deleteAtOnce(core, context, accountId);
    else await deleteLater(core, context, accountId, delay);
    context.cookies.set('session', core.cookies.clear('session'));
    core.pages.flash(context, delay === 0 ? flashes.accountDeleted : flashes.deletionRequested);
    return core.pages.redirect(paths.login, clearSiteData(core.settings.signOutClears));
  };
}

async function deleteAtOnce(
  { lifecycle, clock, announce }: Core,
  context: SignedInContext,
  accountId: string,
) {
  const isDeleted = await lifecycle.delete(accountId, { now: clock(), client: clientOf(context) });
  if (isDeleted) announce(authEvents.accountDeleted, { accountId }, originOf(context));
}

async function deleteLater(
  { lifecycle, clock, announce }: Core,
  context: SignedInContext,
  accountId: string,
  delay: number,
) {
  const now = clock();
  const deleteAt = now + delay;
  const by = { now, client: clientOf(context) };
  const isScheduled = await lifecycle.requestDeletion(accountId, deleteAt, by);
  if (isScheduled) announce(events.accountDeletionRequested, { accountId, deleteAt }, originOf(context));
}
