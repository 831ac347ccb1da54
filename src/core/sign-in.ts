import type { Clock } from './clock.ts';
import type { Observer } from './events.ts';
import { deviceOf, originOf, type RequestContext } from './http/context.ts';
import type { Cookies } from './http/cookies.ts';
import type { FlashName } from './http/flash.ts';
import type { Sessions } from './sessions/sessions.ts';

/** An identity that a feature has proven: whose it is, and how. */
export type ProvenIdentity = {
  readonly accountId: string;
  readonly method: 'password';
  /** Whether the person asked to stay signed in on this device. */
  readonly isRemembered: boolean;
};

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
  /** Leaves a message for the page that comes next. */
  readonly flash: (context: RequestContext, name: FlashName) => void;
};

export function createGate({ sessions, cookies, clock, announce, flash }: GateParts): CompleteSignIn {
  return async (context, identity) => {
    const { accountId, method } = identity;
    const now = clock();
    const device = deviceOf(context);
    const begun = await sessions.begin({ ...identity, device, replaced: context.signedIn }, now);
    if (begun === null) {
      announce({ type: 'sign-in-refused', accountId, reason: 'account-unusable' }, originOf(context));
      return { signedIn: false, reason: 'account-unusable' };
    }
    // The visitor's cookie goes too: forms drawn before sign-in are dead after it (A09, A29).
    context.cookies.set('session', cookies.session(begun, now));
    context.cookies.set('visitor', cookies.clear('visitor'));
    if (begun.isAfterTheft) flash(context, 'sessionStolen');
    announce({ type: 'signed-in', accountId, sessionId: begun.sessionId, method }, originOf(context));
    return { signedIn: true };
  };
}
