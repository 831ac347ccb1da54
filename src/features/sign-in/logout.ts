import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { flashes } from './definitions.ts';
import { logoutView } from './pages.ts';
import { signOut } from './sign-out.ts';

/** A button that posts: a link alone signs no user out. */
export const logoutPage = definePage({
  path: '/logout',
  access: 'public',
  load:
    ({ pages }) =>
    ({ signedIn }) =>
      signedIn === null ? pages.redirect(paths.login) : { username: signedIn.user.username },
  view: logoutView,
});

export const logout = defineAction({
  path: '/logout',
  access: 'signed-in',
  input: z.object({}),
  reasons: {},
  run:
    (core) =>
    ({ context }) =>
      signOut(core, context),
});

/** Cancels a pending sign-in; no user is signed in. */
export const cancelSignIn = defineAction({
  path: '/login/cancel',
  page: '/login',
  access: 'public',
  input: z.object({}),
  reasons: {},
  run:
    ({ pendingSignIns }) =>
    async ({ context }) => {
      await pendingSignIns.drop(context);
      return { ok: true, next: paths.login, flashes: [flashes.signInCancelled] };
    },
});
