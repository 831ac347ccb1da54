import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { SignInButton } from '../../auth/slots.ts';
import { enteredOr, originOf, withNext } from '../../platform/web/index.ts';
import { renew, sessionReplaced } from '../fresh-authentication/index.ts';
import { KIND } from './definitions.ts';
import { passkeyCounter } from './metrics.ts';
import { confirmView, passkeyButton } from './pages.ts';
import { CONFIRM } from './paths.ts';
import { passkeysOf } from './store.ts';
import { answerUse, useReasons } from './use.ts';

/** The button for users who have a passkey: with it alone they authenticate again. */
export async function confirmButtons(core: Core, accountId: AccountId): Promise<readonly SignInButton[]> {
  if ((await passkeysOf(core.database.queries, accountId)).length === 0) return [];
  return [{ draw: (words, next) => passkeyButton(words, { action: CONFIRM, next }) }];
}

export const confirmPage = definePage({
  path: CONFIRM,
  access: 'signed-in',
  load:
    ({ locations }) =>
    (context) => ({
      username: context.signedIn.user.username,
      next: locations.readNext(enteredOr(context, 'next')),
    }),
  view: confirmView,
});

/** Authenticates again by a passkey of the user who is signed in, and of no other (A38). */
export const confirmByPasskey = defineAction({
  path: CONFIRM,
  access: 'signed-in',
  needs: { count: passkeyCounter },
  input: z.object({ credential: text(), next: text() }),
  reasons: { ...useReasons, 'session-replaced': sessionReplaced },
  run:
    (core, { count }) =>
    ({ context, form, input: { credential, next } }) => {
      const { user, session } = context.signedIn;
      return answerUse(
        core,
        count,
        { context, form },
        {
          ceremony: 'confirm',
          subject: user.id,
          credential,
          page: withNext(CONFIRM, core.locations.readNext(next)),
          accept: () => renew(core, context, { by: KIND, factor: KIND }, next),
          refuse: () => {
            const about = { accountId: user.id, sessionId: session.id };
            core.announce(authEvents.identityNotConfirmed, about, originOf(context));
          },
        },
      );
    },
});
