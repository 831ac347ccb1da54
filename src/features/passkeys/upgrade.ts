import { z } from 'zod';
import { defineAction, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { type FactorPolicy, factorPolicyService, isProtected } from '../second-factors/index.ts';
import { acceptCreation, createPasskey, creationOptionsFor, nameOf, refused } from './create.ts';
import { changes, cookies } from './definitions.ts';
import { passkeyCounter } from './metrics.ts';
import { isOffered } from './offered.ts';
import { PAGE, UPGRADE } from './paths.ts';
import { useReasons } from './use.ts';
import { upgradeWords } from './words.ts';

/** How long after the password a browser is asked; password managers expect it at once. */
const ASKED_WITHIN = 5 * MINUTE;

/**
 * Whether the browser may create a passkey by itself (WebAuthn Level 3 §5.1.3, conditional creation), where one is offered
 * (`isOffered`): a password has just been accepted, and the account does not need a second factor, which its user sets up
 * knowingly.
 */
export async function mayUpgrade(
  core: Core,
  policy: FactorPolicy,
  context: SignedInContext,
): Promise<boolean> {
  const { user, session } = context.signedIn;
  const age = core.clock() - session.createdAt;
  const isNew = age < ASKED_WITHIN && core.guard.isFresh(session);
  if (!isNew) return false;
  return (await isProtected(core, user.id)) || !(await policy.isRequired(user.id, session));
}

/** Whether the browser was asked in this session. */
export function wasAsked(
  { cookies: jar }: Core,
  { request, signedIn: { session } }: SignedInContext,
): boolean {
  return jar.read(request, cookies.upgrade) === session.id;
}

/**
 * The script asks for options once after a sign-in, and sends what the browser has created. Its user was not asked, so sign-ins are
 * not asked for this passkey; each use of it verifies its user.
 */
export const upgrade = defineAction({
  path: UPGRADE,
  page: PAGE,
  // A script sends it, which follows to no other page: what is not fresh is refused (`mayUpgrade`).
  access: 'signed-in',
  needs: { policy: factorPolicyService, count: passkeyCounter },
  input: z.object({ credential: text() }),
  reasons: {
    ...useReasons,
    'upgrade-not-offered': { status: 409, text: (words) => words(upgradeWords).notOffered },
  },
  run:
    (core, { policy, count }) =>
    async ({ context, input: { credential } }) => {
      const { user, session } = context.signedIn;
      const ceremony = 'upgrade';
      const mayHaveOne = (await isOffered(core, context)) && (await mayUpgrade(core, policy, context));
      if (!mayHaveOne) return refused('upgrade-not-offered');
      if (credential === '') {
        if (wasAsked(core, context)) return refused('upgrade-not-offered');
        core.cookies.set(context, cookies.upgrade, session.id, ASKED_WITHIN / SECOND);
        const options = creationOptionsFor(core, context, { ceremony, user, existing: [] });
        return { ok: true, next: PAGE, data: { options } };
      }
      const sent = { ceremony, subject: user.id, credential } as const;
      const accepted = await acceptCreation(core, count, context, sent);
      if (!accepted.ok) return accepted;
      const about = { change: changes.passkeyUpgraded, accountId: user.id, sessionId: session.id } as const;
      const made = await createPasskey(core, count, context, { ...accepted, ...about, ceremony });
      if (!made.ok) return refused(made.reason === 'passkey-expired' ? made.reason : 'upgrade-not-offered');
      return { ok: true, next: PAGE, data: { id: made.id, name: nameOf(context, accepted.created) } };
    },
});
