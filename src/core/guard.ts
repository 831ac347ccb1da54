import type { Clock } from './clock.ts';
import type { Cookies } from './http/cookies.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { LONGEST_NEXT_PATH, paths, withNext } from './paths.ts';
import type { Sessions, SignedIn } from './sessions.ts';

/** **require session**: the one way from a request to who is signed in. */
export type Guard = {
  /** Who is signed in, or null. Synchronous where the database is, as this is the hottest path of all. */
  readonly signedIn: (request: Request) => MaybePromise<SignedIn | null>;
};

export function createGuard(sessions: Sessions, cookies: Cookies, clock: Clock): Guard {
  return {
    signedIn: (request) => {
      const token = cookies.read(request, 'session');
      return token === null ? null : sessions.check(token, clock());
    },
  };
}

/** Where somebody not signed in is sent: the login page, which knows the way back to a page that can be read again. */
export function loginPath(request: Request): string {
  if (request.method !== 'GET' && request.method !== 'HEAD') return paths.login;
  const url = new URL(request.url);
  const next = url.pathname + url.search;
  return next.length > LONGEST_NEXT_PATH ? paths.login : withNext(paths.login, next);
}

/** Whether the request comes from a program, which wants a status and not a login page. */
export function isProgram(request: Request): boolean {
  if (new URL(request.url).pathname.startsWith('/api/') || request.headers.has('authorization')) return true;
  const accept = request.headers.get('accept') ?? '';
  return /\bjson\b/i.test(accept) && !/\bhtml\b/i.test(accept);
}
