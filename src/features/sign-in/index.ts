import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { cancelSignIn } from './cancel.ts';
import { flashes, limits } from './definitions.ts';
import { showLogin, submitLogin } from './login.ts';
import { showLogout, submitLogout } from './logout.ts';
import { passwordMethod } from './password-method.ts';

/** The login and logout pages, and the way out of a sign-in that waits for a step. */
export const signIn = defineFeature({
  name: 'sign-in',
  flashes,
  limits,
  settings: {},
  tables: [],
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => ({
    signInMethods: [passwordMethod(passwords)],
    routes: [
      { method: 'GET', path: '/login', access: 'public', limit: 'none', handle: showLogin(core) },
      {
        method: 'POST',
        path: '/login',
        access: 'public',
        limit: 'hashing',
        handle: submitLogin(core, passwords),
      },
      {
        method: 'POST',
        path: '/login/cancel',
        access: 'public',
        limit: 'none',
        page: '/login',
        handle: cancelSignIn(core),
      },
      { method: 'GET', path: '/logout', access: 'public', limit: 'none', handle: showLogout(core) },
      { method: 'POST', path: '/logout', access: 'signed-in', limit: 'none', handle: submitLogout(core) },
    ],
  }),
});
