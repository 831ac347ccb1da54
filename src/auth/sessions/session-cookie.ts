import { SECOND } from '../../platform/runtime/index.ts';
import type { Cookie, Cookies } from '../../platform/web/index.ts';
import type { RequestContext } from '../request-context.ts';

export const sessionCookie: Cookie = {
  name: 'session',
  isMain: true,
  purpose: 'The token of the session.',
};

type NewToken = {
  readonly token: string;
  readonly isRemembered: boolean;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/** Has the answer set the token of a session: it ends with the browser, unless the user chose to stay signed in. @see platform/web/cookies.ts */
export function setSessionCookie(
  cookies: Cookies,
  context: RequestContext,
  { token, isRemembered, expiresAt }: NewToken,
  now: number,
): void {
  const lifetimeSeconds = isRemembered ? Math.ceil((expiresAt - now) / SECOND) : undefined;
  cookies.set(context, sessionCookie, token, lifetimeSeconds);
}
