import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import { withFlow } from '../../platform/web/index.ts';
import { continueWithFactor } from '../recovery-codes/index.ts';
import { mayAddAtSignIn, openStep, SETUP_STEP } from '../second-factors/index.ts';
import { changes, flashes } from './definitions.ts';
import { createNewSecrets } from './new-secret.ts';
import { setupAtSignInView } from './pages.ts';
import { codeReasons, confirmSecret, KIND, setUpApp, shownSecret } from './set-up.ts';

export const SETUP_PATH = '/login/authenticator-setup';

/** The same as the page of the account, in a sign-in to one that needs a second factor. */
export const setupAtSignInPage = definePage({
  path: SETUP_PATH,
  access: 'public',
  load: (core) => {
    const newSecrets = createNewSecrets(core);
    return async (context) => {
      const pending = await openStep(core, context, SETUP_STEP);
      if (pending instanceof Response) return pending;
      const { username } = pending;
      const setup = (context.typed ?? context.refused)?.text('setup') ?? '';
      const secret = newSecrets.offerAgain({ sealing: pending, username }, setup);
      return { username, offered: await shownSecret(secret) };
    };
  },
  view: setupAtSignInView,
});

/**
 * A code of the secret → the app is set up, and every other session ends → the sign-in goes on, by way of the recovery codes.
 * The pending sign-in proves the identity; one whose address has to be confirmed first does not get here (A20).
 */
export const setUpAtSignIn = defineAction({
  path: SETUP_PATH,
  access: 'public',
  input: z.object({ setup: text(), code: text() }),
  keeps: ['setup'],
  reasons: {
    'setup-expired': {
      status: 409,
      text: (words) => flashes.authenticatorExpired.text(words, 0),
      instead: { next: SETUP_PATH, flashes: [flashes.authenticatorExpired] },
    },
    ...codeReasons,
    ...stepReasons,
  },
  run: (core) => {
    const newSecrets = createNewSecrets(core);
    return async ({ context, input: { setup, code } }) => {
      const current = await core.pendingSignIns.read(context, SETUP_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const { accountId, username, flow } = pending;
      // The step of the address comes first; a policy that has changed meanwhile must not skip it.
      if (!(await mayAddAtSignIn(core, accountId))) return refuseStep(paths.login);
      if (setup === '') {
        const { text: secret, uri, setup: sealed } = newSecrets.create({ sealing: pending, username });
        return { ok: true, next: withFlow(SETUP_PATH, flow), data: { secret, uri, setup: sealed } };
      }
      const confirmed = confirmSecret(core, newSecrets, { sealing: pending, setup, code });
      if (!confirmed.ok) return confirmed;
      const change = changes.authenticatorAddedAtSignIn;
      const { secret, lastStep } = confirmed;
      const setUp = await setUpApp(core, context, { change, accountId, sessionId: null, secret, lastStep });
      // Another request was faster: the sign-in asks for the code of its app.
      if (setUp === null) return { ok: true, ...(await core.continueSignIn(context, flow)) };
      const factor = { kind: KIND, id: setUp.factorId };
      return continueWithFactor(core, context, { pending, factor, list: setUp.list });
    };
  },
});
