import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { ListedSession } from '../../auth/sessions/sessions.ts';
import { signOut } from '../../auth/sign-out.ts';
import { isId } from '../../platform/text/uuid.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { deviceName } from '../../platform/web/pages/device-name.ts';
import { flashes } from './definitions.ts';
import { sessionsBody } from './pages.ts';

/** GET /account/sessions: everywhere that the account is signed in, this browser first. */
export function showSessions({ sessions, settings, clock, pages }: Core) {
  return async (context: SignedInContext) => {
    const { user, session } = context.signedIn;
    const now = clock();
    const listed = thisFirst(await sessions.list(user.id, now), session.id).map((one) => ({
      ...one,
      isThis: one.id === session.id,
      name: deviceName(one.device.userAgent),
      place: settings.geoipDatabase?.(one.device.address, messages.language) ?? null,
    }));
    const body = sessionsBody({ csrf: pages.csrfToken(context), sessions: listed, now });
    return pages.show(context, 200, { title: messages.sessions.title, body, width: 'wide' });
  };
}

function thisFirst(all: readonly ListedSession[], thisId: string): readonly ListedSession[] {
  return all.toSorted((one, other) => Number(other.id === thisId) - Number(one.id === thisId));
}

/**
 * POST /account/sessions/end: ends the one that was chosen. The id of somebody else's is answered like one that was
 * never there (A17).
 */
export function endSession(core: Core) {
  return async ({ context, form }: Submission<SignedInContext>) => {
    const { user, session } = context.signedIn;
    const chosen = form.text('session');
    if (chosen === session.id) return signOut(core, context);
    const isEnded = isId(chosen) && (await core.sessions.end(user.id, chosen));
    if (isEnded) {
      const what = { accountId: user.id, sessionId: chosen, endedBy: session.id };
      core.announce({ type: 'session-ended', ...what }, originOf(context));
    }
    core.pages.flash(context, isEnded ? flashes.sessionEnded : flashes.sessionGone);
    return core.pages.redirect(paths.sessions);
  };
}

/** POST /account/sessions/end-others: ends all but the one that asks, and says how many they were. */
export function endOtherSessions({ sessions, announce, pages }: Core) {
  return async ({ context }: Submission<SignedInContext>) => {
    const { user, session } = context.signedIn;
    const count = await sessions.endOthers(user.id, session.id);
    if (count > 0) {
      const what = { accountId: user.id, keptSessionId: session.id, count };
      announce({ type: 'other-sessions-ended', ...what }, originOf(context));
    }
    pages.flash(context, { flash: flashes.otherSessionsEnded, count });
    return pages.redirect(paths.sessions);
  };
}
