import { z } from 'zod';
import { defineAction } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { Banner } from '../../auth/slots.ts';
import { DAY, SECOND } from '../../platform/runtime/index.ts';
import type { FactorPolicy } from '../second-factors/index.ts';
import { cookies } from './definitions.ts';
import { isOffered } from './offered.ts';
import { offerView } from './pages.ts';
import { OFFER, PAGE } from './paths.ts';
import { mayUpgrade, wasAsked } from './upgrade.ts';

/** How long a browser is not asked again. */
const DECLINED_FOR = 180 * DAY;

/**
 * Offers a passkey on the dashboard after a sign-in with a password, until the user has one or does not want one, and at first
 * has the browser create it by itself, where it can.
 */
export function passkeyOffer(core: Core, policy: FactorPolicy): Banner {
  const { locations } = core;
  return async (context, csrf) => {
    if (new URL(context.request.url).pathname !== locations.of(paths.home)) return '';
    if (!(await isOffered(core, context))) return '';
    const isUpgraded = !wasAsked(core, context) && (await mayUpgrade(core, policy, context));
    return offerView(context.words, { csrf: csrf(), isUpgraded });
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
