import { LONGEST_NEXT_PATH, withNext } from '../platform/web/next-path.ts';
import { paths } from './paths.ts';

/** Where somebody not signed in is sent: the login page, which knows the way back to a page that can be read again. */
export function loginPath(request: Request): string {
  if (request.method !== 'GET' && request.method !== 'HEAD') return paths.login;
  return withNext(paths.login, wayBack(request));
}

/**
 * Where somebody is sent whose proof is too old: the page that asks for it, which knows the way back. A form that was
 * sent is not sent again by itself; its page comes back, and its button is pressed anew.
 */
export function confirmPath(request: Request): string {
  return withNext(paths.confirm, wayBack(request));
}

function wayBack(request: Request): string | null {
  const url = new URL(request.url);
  const next = url.pathname + url.search;
  return next.length > LONGEST_NEXT_PATH ? null : next;
}
