import type { AccountLifecycle } from './account-lifecycle.ts';
import type { Clock } from './clock.ts';
import type { Observer } from './events.ts';
import { deviceOf, originOf, type RequestContext } from './http/context.ts';
import type { Cookies } from './http/cookies.ts';
import type { FlashName } from './http/flash.ts';
import type { SessionRequest, Sessions } from './sessions/sessions.ts';
import type { Devices } from './throttle/device-cookie.ts';

/** An identity that a feature has proven: whose it is, and how. */
export type ProvenIdentity = {
  readonly accountId: string;
  readonly method: 'password';
  /** Whether the person asked to stay signed in on this device. */
  readonly isRemembered: boolean;
  /**
   * Whether what proved the identity still would. Asked once the session has begun: one that began with a password
   * which was changed at that moment would outlive the change (A11).
   */
  readonly stillHolds: () => Promise<boolean>;
};

export type SignInOutcome =
  | { readonly signedIn: true }
  | { readonly signedIn: false; readonly reason: 'account-unusable' | 'credential-changed' };

/**
 * THE GATE. The one function that turns a proven identity into a session: account status → new session, the
 * one it replaces dead → event. Every way in calls it; nothing else begins a session.
 */
export type CompleteSignIn = (context: RequestContext, identity: ProvenIdentity) => Promise<SignInOutcome>;

export type GateParts = {
  readonly sessions: Sessions;
  readonly lifecycle: AccountLifecycle;
  readonly cookies: Cookies;
  readonly devices: Devices;
  readonly clock: Clock;
  readonly announce: Observer;
  /** Leaves a message for the page that comes next. */
  readonly flash: (context: RequestContext, name: FlashName) => void;
};

export function createGate(parts: GateParts): CompleteSignIn {
  const { sessions, cookies, devices, clock, announce, flash } = parts;
  return async (context, identity) => {
    const { accountId, method, isRemembered } = identity;
    const now = clock();
    const refused = (reason: 'account-unusable' | 'credential-changed') => {
      announce({ type: 'sign-in-refused', accountId, reason }, originOf(context));
      return { signedIn: false, reason } as const;
    };
    const request = {
      accountId,
      method,
      isRemembered,
      device: deviceOf(context),
      replaced: context.signedIn,
    };
    const { begun, isKept } = await begin(parts, request, now);
    if (isKept) announce({ type: 'account-deletion-cancelled', accountId }, originOf(context));
    if (begun === null) return refused('account-unusable');
    if (!(await identity.stillHolds())) {
      await sessions.end(accountId, begun.sessionId);
      return refused('credential-changed');
    }
    // The visitor's cookie goes too: forms drawn before sign-in are dead after it (A09, A29).
    context.cookies.set('session', cookies.session(begun, now));
    context.cookies.set('visitor', cookies.clear('visitor'));
    devices.remember(context, accountId, now);
    if (isKept) flash(context, 'deletionCancelled');
    if (begun.isAfterTheft) flash(context, 'sessionStolen');
    announce({ type: 'signed-in', accountId, sessionId: begun.sessionId, method }, originOf(context));
    return { signedIn: true };
  };
}

/** Begins a session; an account that was to be deleted is kept, because its owner has come back in time. */
async function begin({ sessions, lifecycle }: GateParts, request: SessionRequest, now: number) {
  const begun = await sessions.begin(request, now);
  if (begun !== null) return { begun, isKept: false };
  const isKept = await lifecycle.cancelDeletion(request.accountId, now);
  // Also where another sign-in was the first to keep it.
  return { begun: await sessions.begin(request, now), isKept };
}
