import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { type SessionId, sessionIds } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { ListedSession } from '../../auth/sessions/sessions.ts';
import { deviceName, originOf } from '../../platform/web/index.ts';
import { rememberedDevicesService } from '../remembered-devices/index.ts';
import { signOut } from '../sign-in/index.ts';
import { events, flashes } from './definitions.ts';
import { sessionsView } from './pages.ts';

const needs = { devices: rememberedDevicesService };

/** Everywhere that the account is signed in, this browser first. */
export const sessionsPage = definePage({
  path: '/account/sessions',
  access: 'signed-in',
  needs,
  load:
    ({ sessions, settings, locations, clock, methodLabel }, { devices }) =>
    async (context) => {
      const { user, session } = context.signedIn;
      const { language, words } = context;
      const now = clock();
      const listed = thisFirst(await sessions.list(user.id, now), session.id).map((one) => ({
        ...one,
        isThis: one.id === session.id,
        name: deviceName(one.device.userAgent),
        method: methodLabel(words, one.method),
        location: settings.geoipDatabase?.(one.device.address, language.tag) ?? null,
      }));
      const remembered = await devices.list(context, user.id);
      return { sessions: listed, remembered, now, home: locations.onward(null) };
    },
  view: sessionsView,
});

function thisFirst(all: readonly ListedSession[], thisId: SessionId): readonly ListedSession[] {
  return all.toSorted((one, other) => Number(other.id === thisId) - Number(one.id === thisId));
}

/** Ends the chosen session. The id of another account's is answered like one that does not exist (A17). */
export const endSession = defineAction({
  path: '/account/sessions/end',
  page: '/account/sessions',
  access: 'signed-in',
  input: z.object({ session: text() }),
  reasons: {},
  run:
    (core) =>
    async ({ context, input: { session: chosen } }) => {
      const { user, session } = context.signedIn;
      if (chosen === session.id) return signOut(core, context);
      const sessionId = sessionIds.parse(chosen);
      const isEnded = sessionId !== null && (await core.sessions.end(user.id, sessionId));
      if (isEnded) {
        const what = { accountId: user.id, sessionId, endedBy: session.id };
        core.announce(authEvents.sessionEnded, what, originOf(context));
      }
      const flash = isEnded ? flashes.sessionEnded : flashes.sessionNotFound;
      return { ok: true, next: paths.sessions, flashes: [flash], data: { ended: isEnded ? 1 : 0 } };
    },
});

/** Ends all sessions of the account but the one that asks, and forgets all other browsers; reports the number of sessions. */
export const endOtherSessions = defineAction({
  path: '/account/sessions/end-others',
  page: '/account/sessions',
  access: 'signed-in',
  needs,
  input: z.object({}),
  reasons: {},
  run:
    ({ sessions, announce }, { devices }) =>
    async ({ context }) => {
      const { user, session } = context.signedIn;
      const count = await sessions.endOthers(user.id, session.id);
      // After the sessions: one that is about to remember its browser has done so, or finds that it has ended (A39).
      await devices.forgetOthers(context, user.id);
      if (count > 0) {
        const what = { accountId: user.id, keptSessionId: session.id, count };
        announce(events.otherSessionsEnded, what, originOf(context));
      }
      const flash = { flash: flashes.otherSessionsEnded, count };
      return { ok: true, next: paths.sessions, flashes: [flash], data: { ended: count } };
    },
});
