import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import { withFlow } from '../../platform/web/index.ts';
import { continueWithFactor } from '../recovery-codes/index.ts';
import { mayAddAtSignIn, openStep, SETUP_STEP } from '../second-factors/index.ts';
import { acceptCreation, createPasskey, creationOptionsFor, refused } from './create.ts';
import { changes, KIND } from './definitions.ts';
import { passkeyCounter } from './metrics.ts';
import { setupAtSignInView } from './pages.ts';
import { SETUP } from './paths.ts';
import { useReasons } from './use.ts';

/** The button of the account's page, in a sign-in to one that needs a second factor. */
export const setupAtSignInPage = definePage({
  path: SETUP,
  access: 'public',
  load: (core) => (context) => openStep(core, context, SETUP_STEP),
  view: setupAtSignInView,
});

/**
 * A passkey is created, and every other session ends → the sign-in goes on, by way of the recovery codes. The pending sign-in
 * proves the identity; one whose address has to be confirmed first does not get here (A20).
 */
export const setUpAtSignIn = defineAction({
  path: SETUP,
  access: 'public',
  needs: { count: passkeyCounter },
  input: z.object({ credential: text() }),
  reasons: { ...useReasons, ...stepReasons },
  run:
    (core, { count }) =>
    async ({ context, input: { credential } }) => {
      const current = await core.pendingSignIns.read(context, SETUP_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const { accountId, username, flow } = pending;
      // The step of the address comes first; a policy that has changed meanwhile must not skip it.
      if (!(await mayAddAtSignIn(core, accountId))) return refuseStep(paths.login);
      const ceremony = 'setup';
      if (credential === '') {
        const user = { id: accountId, username };
        const options = creationOptionsFor(core, context, { ceremony, user, existing: [] });
        return { ok: true, next: withFlow(SETUP, flow), data: { options } };
      }
      const sent = { ceremony, subject: accountId, credential } as const;
      const accepted = await acceptCreation(core, count, context, sent);
      if (!accepted.ok) return accepted;
      const about = { ceremony, change: changes.passkeyAddedAtSignIn, accountId, sessionId: null } as const;
      const made = await createPasskey(core, count, context, { ...accepted, ...about });
      if (!made.ok) return refused('passkey-expired');
      return continueWithFactor(core, context, {
        pending,
        factor: { kind: KIND, id: made.factorId },
        list: made.list,
      });
    },
});
