import { LONGEST_NEXT_PATH, paths, withNext } from '../../auth/paths.ts';

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

/** Whether the request comes from a program, which wants a status and not a login page. */
export function isProgram(request: Request): boolean {
  if (new URL(request.url).pathname.startsWith('/api/') || request.headers.has('authorization')) return true;
  const accept = request.headers.get('accept') ?? '';
  return /\bjson\b/i.test(accept) && !/\bhtml\b/i.test(accept);
}
