import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
import type { Passwords } from '../passwords/index.ts';
import { showLogin, submitLogin } from './login.ts';
import { showLogout, submitLogout } from './logout.ts';

/** The login and logout pages. */
export function signIn(core: Core, passwords: Passwords): Feature {
  return {
    name: 'sign-in',
    needs: ['passwords'],
    settings: {},
    tables: [],
    routes: [
      { method: 'GET', path: '/login', access: 'public', limit: 'none', handle: showLogin(core) },
      {
        method: 'POST',
        path: '/login',
        access: 'public',
        limit: 'hashing',
        handle: submitLogin(core, passwords),
      },
      { method: 'GET', path: '/logout', access: 'public', limit: 'none', handle: showLogout(core) },
      { method: 'POST', path: '/logout', access: 'signed-in', limit: 'none', handle: submitLogout(core) },
    ],
  };
}
