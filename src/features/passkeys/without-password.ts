import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { passwordsService } from '../passwords/index.ts';
import { changes, emails, flashes, KIND } from './definitions.ts';
import { canSignInBeside } from './other-methods.ts';
import { withoutPasswordView } from './pages.ts';
import { PAGE, WITHOUT_PASSWORD } from './paths.ts';
import { passkeysOf } from './store.ts';
import { withoutPasswordWords } from './words.ts';

/** Why the password has to stay: a user who loses the one passkey has to get in again. */
async function isLastResort(core: Core, { signedIn: { user } }: SignedInContext): Promise<boolean> {
  const { length: count } = await passkeysOf(core.database.queries, user.id);
  return count === 0 || (count === 1 && !(await canSignInBeside(core, user.id, [KIND, 'password'])));
}

/** What it means to have no password, and a button. */
export const withoutPasswordPage = definePage({
  path: WITHOUT_PASSWORD,
  access: 'fresh',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords }) =>
    async (context) => {
      if ((await passwords.version(context.signedIn.user.id)) === null) return core.pages.redirect(PAGE);
      return { isKept: await isLastResort(core, context) };
    },
  view: withoutPasswordView,
});

/** Removes the password of an account that has passkeys. */
export const removePassword = defineAction({
  path: WITHOUT_PASSWORD,
  access: 'fresh',
  needs: { passwords: passwordsService },
  input: z.object({}),
  reasons: {
    'password-needed': { status: 409, text: (words) => words(withoutPasswordWords).needed },
    'no-password': {
      status: 409,
      text: (words) => flashes.passwordRemoved.text(words, 0),
      instead: { next: PAGE, flashes: [flashes.passwordRemoved] },
    },
  },
  run:
    (core, { passwords }) =>
    async ({ context }) => {
      const { user, session } = context.signedIn;
      if (await isLastResort(core, context)) return { ok: false, problems: [{ reason: 'password-needed' }] };
      const changed = await core.changeCredential(context, changes.passwordRemoved, {
        accountId: user.id,
        // The account is locked: a passkey that is removed at this moment is seen.
        apply: async (transaction) =>
          (await passkeysOf(transaction, user.id)).length > 0 && passwords.remove(transaction, user.id),
        notice: ({ username }) => emails.passwordRemoved.with({ username, page: paths.forgotPassword }),
        event: { accountId: user.id, sessionId: session.id },
      });
      if (!changed.ok) return { ok: false, problems: [{ reason: 'no-password' }] };
      return { ok: true, next: PAGE, flashes: [flashes.passwordRemoved] };
    },
});
