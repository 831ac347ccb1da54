import { z } from 'zod';
import { defineAction } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { Banner } from '../../auth/slots.ts';
import { DAY, SECOND } from '../../platform/runtime/index.ts';
import { mayAdd } from '../second-factors/index.ts';
import { cookies } from './definitions.ts';
import { offerView } from './pages.ts';
import { OFFER, PAGE } from './paths.ts';
import { passkeysOf } from './store.ts';

/** How long a browser is not asked again. */
const DECLINED_FOR = 180 * DAY;

/** Offers a passkey on the dashboard after a sign-in with a password, until the user has one or does not want one. */
export function passkeyOffer(core: Core): Banner {
  const { cookies: jar, database, locations } = core;
  return async (context, csrf) => {
    const { user, session } = context.signedIn;
    if (session.method !== 'password' || !mayAdd(core, context)) return '';
    if (new URL(context.request.url).pathname !== locations.of(paths.home)) return '';
    if (jar.read(context.request, cookies.offer) !== null) return '';
    if ((await passkeysOf(database.queries, user.id)).length > 0) return '';
    return offerView(context.words, csrf());
  };
}

/** The user wants no passkey in this browser. */
export const declineOffer = defineAction({
  path: OFFER,
  page: PAGE,
  access: 'signed-in',
  input: z.object({}),
  reasons: {},
  run:
    ({ cookies: jar, locations }) =>
    ({ context }) => {
      jar.set(context, cookies.offer, 'declined', DECLINED_FOR / SECOND);
      return { ok: true, next: locations.onward(null) };
    },
});
