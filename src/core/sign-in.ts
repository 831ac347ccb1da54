import type { Clock } from './clock.ts';
import type { Observer } from './events.ts';
import { originOf, type RequestContext } from './http/context.ts';
import type { Cookies } from './http/cookies.ts';
import type { Sessions } from './sessions.ts';

/** An identity that a feature has proven: whose it is, and how. */
export type ProvenIdentity = { readonly accountId: string; readonly method: 'password' };

export type SignInOutcome =
  | { readonly signedIn: true }
  | { readonly signedIn: false; readonly reason: 'account-unusable' };

/**
 * THE GATE. The one function that turns a proven identity into a session: account status → new session, the
 * one it replaces dead → event. Every way in calls it; nothing else begins a session.
 */
export type CompleteSignIn = (context: RequestContext, identity: ProvenIdentity) => Promise<SignInOutcome>;

export type GateParts = {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly clock: Clock;
  readonly announce: Observer;
};

export function createGate({ sessions, cookies, clock, announce }: GateParts): CompleteSignIn {
  return async (context, { accountId, method }) => {
    const replacedToken = cookies.read(context.request, 'session');
    const begun = await sessions.begin(accountId, method, clock(), replacedToken);
    if (begun === null) {
      announce({ type: 'sign-in-refused', accountId, reason: 'account-unusable' }, originOf(context));
      return { signedIn: false, reason: 'account-unusable' };
    }
    // The visitor's cookie goes too: forms drawn before sign-in are dead after it (A09, A29).
    context.cookies.push(cookies.set('session', begun.token), cookies.clear('visitor'));
    announce({ type: 'signed-in', accountId, sessionId: begun.sessionId, method }, originOf(context));
    return { signedIn: true };
  };
}
