import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { sessionCookie } from '../../auth/sessions/session-cookie.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { duration, setting } from '../../platform/settings/index.ts';
import { clearSiteData, originOf } from '../../platform/web/index.ts';
import { events, flashes } from './definitions.ts';
import { deletionView } from './pages.ts';
import { deletionWords } from './words.ts';

export const deletionSettings = {
  deletionDelay: setting({
    name: 'DELETION_DELAY',
    meaning: 'How long a user who deleted the account can keep it by signing in; `0s` deletes at once.',
    fallback: '7d',
    schema: duration({ minimum: '0s', maximum: '90d' }),
  }),
};

/** What will be deleted, and when. */
export const deletionPage = definePage({
  path: '/account/delete',
  access: 'fresh',
  load: ({ clock, settings, settingsOf }) => {
    const { deletionDelay: delay } = settingsOf(deletionSettings);
    return ({ signedIn: { user } }) => ({
      username: user.username,
      deleteAt: delay === 0 ? null : clock() + delay,
      recordDays: Math.ceil(settings.auditRetention / DAY),
    });
  },
  view: deletionView,
});

/**
 * All sessions end → the account is deleted, at once or after the delay → the browser forgets. The session alone
 * identifies the account (A17).
 */
export const deleteAccount = defineAction({
  path: '/account/delete',
  access: 'fresh',
  input: z.object({}),
  reasons: { referenced: { status: 409, text: (words) => words(deletionWords).referenced } },
  run: (core) => {
    const { deletionDelay: delay } = core.settingsOf(deletionSettings);
    return async ({ context }) => {
      const { id: accountId } = context.signedIn.user;
      if (delay === 0) {
        if (!(await deleteAtOnce(core, context, accountId))) return REFERENCED;
      } else await deleteLater(core, context, accountId, delay);
      core.cookies.clear(context, sessionCookie);
      core.pages.flash(context, delay === 0 ? flashes.accountDeleted : flashes.deletionRequested);
      return { ok: true, next: paths.login, headers: clearSiteData(core.settings.signOutClears) };
    };
  },
});

const REFERENCED = { ok: false, problems: [{ reason: 'referenced' }] } as const;

/** @returns false if a table of the application refers to the account and refuses */
async function deleteAtOnce(
  { lifecycle, clock, announce }: Core,
  context: SignedInContext,
  accountId: AccountId,
): Promise<boolean> {
  const deletion = await lifecycle.delete(accountId, { now: clock(), client: clientOf(context) });
  if (deletion.ok) announce(authEvents.accountDeleted, { accountId }, originOf(context));
  return deletion.ok || deletion.reason !== 'referenced';
}

async function deleteLater(
  { lifecycle, clock, announce }: Core,
  context: SignedInContext,
  accountId: AccountId,
  delay: number,
) {
  const now = clock();
  const deleteAt = now + delay;
  const by = { now, client: clientOf(context) };
  const isScheduled = await lifecycle.requestDeletion(accountId, deleteAt, by);
  if (isScheduled) announce(events.accountDeletionRequested, { accountId, deleteAt }, originOf(context));
}
