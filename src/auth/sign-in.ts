import type { Announce } from '../platform/events/index.ts';
import type { Devices } from '../platform/rate-limit/index.ts';
import type { Clock } from '../platform/runtime/index.ts';
import {
  type Cookies,
  deviceOf,
  type FlashDefinition,
  type Locations,
  originOf,
  webCookies,
} from '../platform/web/index.ts';
import type { AccountLifecycle } from './accounts/account-lifecycle.ts';
import { events, flashes } from './definitions.ts';
import type { AccountId } from './identifiers/ids.ts';
import { paths } from './paths.ts';
import type { RequestContext } from './request-context.ts';
import {
  type Established,
  PENDING_LIFETIME,
  type PendingSignIns,
  type WaitingIdentity,
} from './required-steps/pending-sign-ins.ts';
import type { Proofs } from './required-steps/proofs.ts';
import {
  type BegunSignIn,
  findNextRequiredStep,
  provenFactorIn,
  type SignInRules,
  type SignInStep,
} from './required-steps/sign-in-step.ts';
import { sessionCookie, setSessionCookie } from './sessions/session-cookie.ts';
import type { SessionRequest, Sessions } from './sessions/sessions.ts';

/** An identity that a feature has proven, and how. */
export type ProvenIdentity = Omit<WaitingIdentity, 'proof'>;

/** A required step, and the handle of its pending sign-in, which its request carries. */
type PendingStep = { readonly name: string; readonly flow: string };

export type SignInOutcome =
  | { readonly ok: true }
  /** A step is required, whose page is at `path`; there is no session. */
  | { readonly ok: false; readonly reason: 'step'; readonly path: string; readonly step: PendingStep }
  | { readonly ok: false; readonly reason: 'account-unusable' | 'credential-changed' };

/** Where a sign-in leads: a path of ours for browsers, and what API clients get besides. */
export type SignInProgress = {
  readonly next: string;
  readonly data:
    | { readonly state: 'signed-in' | 'signed-out' }
    | { readonly state: 'step'; readonly step: string; readonly flow: string };
};

/** @param next the page that the user wants; null for the home page. @returns null where the sign-in was refused */
export function progressOf(
  locations: Locations,
  outcome: SignInOutcome,
  next: string | null,
): SignInProgress | null {
  if (outcome.ok) return { next: locations.onward(next), data: { state: 'signed-in' } };
  if (outcome.reason !== 'step') return null;
  const { name: step, flow } = outcome.step;
  return { next: outcome.path, data: { state: 'step', step, flow } };
}

/**
 * THE GATE. The only code that turns a proven identity into a session: required steps → account status → new session, the
 * replaced one ended → does the credential still hold → after-sign-in hooks → event. Every sign-in method calls it; nothing
 * else begins a session.
 */
export type Gate = {
  readonly completeSignIn: (context: RequestContext, identity: ProvenIdentity) => Promise<SignInOutcome>;
  /**
   * Continues a pending sign-in of this browser after its step. Everything is checked again: the account's status, whether
   * the credential still holds, and every step.
   * @param flow the handle that the form of the step carried
   * @param established what the step has made of the proof, where it changed that
   * @returns where it leads: the page that the user wanted, the page of the next step, or the login page
   */
  readonly continueSignIn: (
    context: RequestContext,
    flow: string,
    established?: Established,
  ) => Promise<SignInProgress>;
};

export type GateParts = {
  readonly locations: Locations;
  readonly sessions: Sessions;
  readonly lifecycle: AccountLifecycle;
  readonly pendingSignIns: PendingSignIns;
  readonly proofs: Proofs;
  readonly cookies: Cookies;
  readonly devices: Devices<AccountId>;
  readonly clock: Clock;
  readonly announce: Announce;
  readonly rules: () => SignInRules;
  /** Leaves a message for the page that comes next. */
  readonly flash: (context: RequestContext, name: FlashDefinition) => void;
};

export function createGate(parts: GateParts): Gate {
  const { locations, pendingSignIns, proofs, clock, flash } = parts;
  return {
    completeSignIn: async (context, identity) => {
      const now = clock();
      const proof = await proofs.ofSignIn(identity, now);
      const facts = [...identity.facts];
      for (const ask of parts.rules().browserFacts) facts.push(...(await ask(context, identity.accountId)));
      return pass(parts, context, { ...identity, facts, proof }, now + PENDING_LIFETIME);
    },
    continueSignIn: async (context, flow, established = {}) => {
      const pending = await pendingSignIns.take(context, flow, established);
      if (pending !== null) {
        // Waiting does not renew the proof: the remaining steps have only what is left of its time.
        const outcome = await pass(parts, context, pending, pending.expiresAt);
        const progress = progressOf(locations, outcome, pending.next);
        if (progress !== null) return progress;
      }
      flash(context, flashes.signInExpired);
      return { next: paths.login, data: { state: 'signed-out' } };
    },
  };
}

type Refusal = Extract<SignInOutcome, { reason: 'account-unusable' | 'credential-changed' }>;

async function pass(
  parts: GateParts,
  context: RequestContext,
  identity: WaitingIdentity,
  expiresAt: number,
): Promise<SignInOutcome> {
  const step = await findRequiredStep(parts, identity);
  if (step === null) return beginSession(parts, context, identity, expiresAt);
  return wait(parts, context, identity, { step, expiresAt });
}

async function beginSession(
  parts: GateParts,
  context: RequestContext,
  identity: WaitingIdentity,
  expiresAt: number,
): Promise<SignInOutcome> {
  const { sessions, cookies, devices, clock, announce, flash } = parts;
  const { accountId, method, credential, isRemembered, proof } = identity;
  const [now, origin] = [clock(), originOf(context)];
  // Before it is asked whether the proof still holds: a change after that forgets this browser, too.
  const generation = await devices.generationOf(accountId);
  const from = { device: deviceOf(context), replaced: context.signedIn };
  const kind = provenFactorIn(identity.facts)?.kind;
  const secondFactor = kind === undefined ? null : { kind, at: proof?.at ?? now };
  const request = { accountId, method, isRemembered, proof, secondFactor, ...from };
  const { begun, isKept, reason } = await begin(parts, request, identity, now);
  if (isKept) announce(events.accountDeletionCancelled, { accountId }, origin);
  if (begun === null) return refuse(parts, context, identity, reason);
  if (begun.hasEndedReplaced) reportReplaced(parts, context);
  for (const ended of begun.surplus)
    announce(events.sessionEnded, { accountId, sessionId: ended, endedBy: begun.sessionId }, origin);
  // Once it has begun: a session that began with a password which was changed at that moment would outlive the change
  // (A11).
  if (!(await stillHolds(parts, identity))) {
    await sessions.end(accountId, begun.sessionId);
    return refuse(parts, context, identity, 'credential-changed');
  }
  if (isKept) flash(context, flashes.deletionCancelled);
  if (begun.isAfterTheft) flash(context, flashes.sessionStolen);
  // The same for a step that was set up at that moment.
  const step = await findRequiredStep(parts, identity);
  if (step !== null) {
    await sessions.end(accountId, begun.sessionId);
    return wait(parts, context, identity, { step, expiresAt });
  }
  const [{ sessionId }, { facts }] = [begun, identity];
  const signIn = { accountId, sessionId, method, credential, facts, now, expiresAt: begun.expiresAt };
  if (!(await runAfterSignIn(parts, context, signIn)))
    return refuse(parts, context, identity, 'credential-changed');
  // The visitor's cookie goes too: forms drawn before sign-in are dead after it (A09, A29).
  setSessionCookie(cookies, context, begun, now);
  cookies.clear(context, webCookies.visitor);
  devices.remember(context, accountId, now, generation);
  announce(events.signedIn, { accountId, sessionId, method }, origin);
  return { ok: true };
}

/** If a hook fails or vetoes, the session ends, because no browser has its token. */
async function runAfterSignIn(
  { sessions, rules }: GateParts,
  context: RequestContext,
  signIn: BegunSignIn,
): Promise<boolean> {
  let isGood = false;
  try {
    for (const hook of rules().afterSignIn) if (!(await hook(context, signIn))) return false;
    isGood = true;
    return true;
  } finally {
    if (!isGood) await sessions.end(signIn.accountId, signIn.sessionId);
  }
}

/** Begins a session; an account that was to be deleted is kept, because its owner returned in time. */
async function begin(parts: GateParts, request: SessionRequest, identity: WaitingIdentity, now: number) {
  const { sessions, lifecycle } = parts;
  const reason = 'account-unusable' as const;
  const begun = await sessions.begin(request, now);
  if (begun !== null) return { begun, isKept: false, reason };
  // A password that was changed at this moment keeps no account either.
  if (!(await stillHolds(parts, identity)))
    return { begun: null, isKept: false, reason: 'credential-changed' as const };
  const isKept = await lifecycle.cancelDeletion(request.accountId, now);
  // Also where another sign-in was the first to keep it.
  return { begun: await sessions.begin(request, now), isKept, reason };
}

/** Stores a pending sign-in, without a session: the previous one of this browser ends. */
async function wait(
  parts: GateParts,
  context: RequestContext,
  identity: WaitingIdentity,
  { step, expiresAt }: { readonly step: SignInStep; readonly expiresAt: number },
): Promise<SignInOutcome> {
  const { pendingSignIns, cookies, announce } = parts;
  const { accountId, method } = identity;
  if (!(await stillHolds(parts, identity))) return refuse(parts, context, identity, 'credential-changed');
  const flow = await pendingSignIns.keep(context, identity, expiresAt);
  if (flow === null) return refuse(parts, context, identity, 'account-unusable');
  await endReplaced(parts, context);
  cookies.clear(context, webCookies.visitor);
  announce(events.signInWaits, { accountId, method, step: step.name }, originOf(context));
  return { ok: false, reason: 'step', path: step.path, step: { name: step.name, flow } };
}

/** A user has signed in, so the session that this browser had until now ends. */
async function endReplaced(parts: GateParts, context: RequestContext) {
  if (context.signedIn === null) return;
  const { user, session } = context.signedIn;
  if (await parts.sessions.end(user.id, session.id)) reportReplaced(parts, context);
}

/** Reports that the previous session of this browser has ended, once, by the request that ended it. */
function reportReplaced({ cookies, announce }: GateParts, context: RequestContext): void {
  if (context.signedIn === null) return;
  const { user, session } = context.signedIn;
  cookies.clear(context, sessionCookie);
  announce(events.signedOut, { accountId: user.id, sessionId: session.id }, originOf(context));
}

function findRequiredStep({ rules }: GateParts, identity: ProvenIdentity) {
  return findNextRequiredStep(rules().steps, identity.accountId, identity.facts);
}

async function stillHolds({ rules }: GateParts, identity: ProvenIdentity): Promise<boolean> {
  const method = rules().methods.find(({ name }) => name === identity.method);
  return method !== undefined && (await method.stillHolds(identity.accountId, identity.credential));
}

function refuse(
  { announce }: GateParts,
  context: RequestContext,
  { accountId }: ProvenIdentity,
  reason: Refusal['reason'],
): Refusal {
  announce(events.signInRefused, { accountId, reason }, originOf(context));
  return { ok: false, reason };
}
