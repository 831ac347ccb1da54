import { LONGEST_NEXT_PATH, withNext } from '../platform/web/index.ts';

/** The paths of pages that other features link to or the gate redirects to. Each is a route of one feature. */
export const paths = {
  home: '/dashboard',
  login: '/login',
  cancelSignIn: '/login/cancel',
  lostFactor: '/login/lost-factor',
  logout: '/logout',
  register: '/register',
  confirm: '/account/confirm',
  sessions: '/account/sessions',
  apiTokens: '/account/tokens',
  account: '/account',
  security: '/account/security',
  password: '/account/password',
  confirmAddress: '/account/confirm-address',
  forgotPassword: '/forgot-password',
  email: '/account/email',
  exportData: '/account/export',
} as const;

/** Where a user who is not signed in is sent: the login page, which leads back to a page that can be requested again. */
export function loginPath(request: Request): string {
  if (request.method !== 'GET' && request.method !== 'HEAD') return paths.login;
  return withNext(paths.login, returnPath(request));
}

/**
 * Where a user is sent whose authentication is too old: the page that asks for it, which leads back. A form is not sent
 * again by itself; its page is shown, and the user sends it again.
 */
export function confirmPath(request: Request): string {
  return withNext(paths.confirm, returnPath(request));
}

function returnPath(request: Request): string | null {
  const url = new URL(request.url);
  const next = url.pathname + url.search;
  return next.length > LONGEST_NEXT_PATH ? null : next;
}
