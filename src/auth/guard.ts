import type { Announce } from '../platform/events/index.ts';
import { type Clock, SECOND } from '../platform/runtime/index.ts';
import { type Cookies, type MaybePromise, originOf, UNKNOWN_ADDRESS } from '../platform/web/index.ts';
import { events } from './definitions.ts';
import { clientOf } from './mail/notices.ts';
import type { RequestContext } from './request-context.ts';
import type { Check, Checked, Visit } from './sessions/check.ts';
import type { Session, SignedIn } from './sessions/session.ts';
import { sessionCookie, setSessionCookie } from './sessions/session-cookie.ts';

export type Guard = {
  /**
   * **requireSession**: the only way from a request to the signed-in user, or null. Synchronous where the database is, as
   * this is the hottest path. The successor of a rotated token goes into the cookies of the context.
   */
  readonly signedIn: (context: RequestContext) => MaybePromise<SignedIn | null>;
  /** The same for a response without cookies: the token is not rotated. */
  readonly signedInWithoutAnswer: (context: RequestContext) => MaybePromise<SignedIn | null>;
  /** **requireFreshAuthentication**: whether the user has just authenticated. @see OWASP ASVS 5.0, 7.5.1 */
  readonly isFresh: (session: Session) => boolean;
};

export type GuardParts = {
  readonly check: Check;
  readonly cookies: Cookies;
  readonly clock: Clock;
  readonly announce: Announce;
  /** How long a proof counts as fresh, in milliseconds. */
  readonly freshFor: number;
};

/** The problem for API clients whose authentication is too old. */
export const FRESH_AUTHENTICATION_REQUIRED = {
  problems: [{ reason: 'fresh-authentication-required', field: null }],
};

/** By how much the clocks of two nodes may differ, in milliseconds. */
const CLOCK_DIFFERENCE = 30 * SECOND;

export function createGuard(parts: GuardParts): Guard {
  const { clock, freshFor } = parts;
  return {
    signedIn: (context) => ask(parts, context, true),
    signedInWithoutAnswer: (context) => ask(parts, context, false),
    isFresh: ({ proof, secondFactor, isFactorRemembered }) => {
      if (proof === null || isFactorRemembered) return false;
      // Both, where the session has both: neither stands for the other (A38).
      return [proof, ...(secondFactor === null ? [] : [secondFactor])].every(({ at }) => {
        const age = clock() - at;
        // A clock that has stepped back makes no proof fresh again (A59); that of another node may be a little ahead.
        return age < freshFor && age > -CLOCK_DIFFERENCE;
      });
    },
  };
}

function ask(parts: GuardParts, context: RequestContext, canRotate: boolean): MaybePromise<SignedIn | null> {
  const token = parts.cookies.read(context.request, sessionCookie);
  if (token === null) return null;
  const visit: Visit = {
    now: parts.clock(),
    address: () => knownAddress(context),
    client: () => clientOf(context),
    canRotate,
  };
  const checked = parts.check(token, visit);
  return checked instanceof Promise
    ? checked.then((later) => accept(parts, context, later, visit))
    : accept(parts, context, checked, visit);
}

// If the address of a request is unknown, the session keeps the one that it has.
function knownAddress({ address }: RequestContext): string | null {
  return address === UNKNOWN_ADDRESS ? null : address;
}

function accept(
  { cookies, announce }: GuardParts,
  context: RequestContext,
  checked: Checked,
  { now }: Visit,
): SignedIn | null {
  if (checked === null) return null;
  if ('stolen' in checked) {
    announce(events.sessionStolen, { ...checked.stolen }, originOf(context));
    return null;
  }
  const { signedIn, successor } = checked;
  if (successor !== null) {
    setSessionCookie(cookies, context, { ...signedIn.session, token: successor }, now);
  }
  return signedIn;
}
