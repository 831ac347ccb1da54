import type { Core } from '../../auth/core.ts';
import { events as authEvents, type SignInRefusal } from '../../auth/definitions.ts';
import { signInTurn } from '../../auth/hashing-turns.ts';
import { accountOrName, authLimits, limitSignIn, type SignInAttempt } from '../../auth/limits.ts';
import { messages } from '../../auth/pages/messages.ts';
import { tooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import { type ProvenIdentity, progressOf } from '../../auth/sign-in.ts';
import {
  clientNetwork,
  type KeyedLimit,
  refusalHeaders,
  type Throttled,
  type TooMany,
} from '../../platform/rate-limit/index.ts';
import { Overloaded, type Turn } from '../../platform/runtime/limits.ts';
import { enteredOr, originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import { safeNextPath } from '../../platform/web/next-path.ts';
import type { Passwords, Verification } from '../passwords/index.ts';
import { limits } from './definitions.ts';
import { type LoginProblem, loginForm } from './pages.ts';

/** GET /login: the form, or the way on for somebody who is signed in already. */
export function showLogin(core: Core) {
  return (context: RequestContext) => {
    const next = safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin);
    if (context.signedIn !== null) return core.pages.redirect(next ?? paths.home);
    return drawForm(core, context, {
      status: 200,
      username: context.typed?.text('username') ?? '',
      isRemembered: (context.typed?.text('remember') ?? '') !== '',
      next,
      problem: null,
    });
  };
}

/** POST /login: fields → proof → gate → on. One answer for every kind of failure (A01). */
export function submitLogin(core: Core, passwords: Passwords) {
  const showForm = (context: RequestContext, state: FormState, more?: MoreHeaders) =>
    drawForm(core, context, state, more);
  return async ({ context, form }: Submission) => {
    const username = form.text('username');
    const password = form.text('password');
    const isRemembered = form.text('remember') !== '';
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = { username, isRemembered, next };
    const problem = missingField(username, password);
    if (problem !== null) return showForm(context, { ...typed, status: 422, problem });
    const attempt = await attemptSignIn(core, passwords, { context, form }, { ...typed, password });
    if (!attempt.ok) return showTooMany(core, context, typed, attempt.refusal);
    if (!attempt.result.ok) return showTooMany(core, context, typed, attempt.result.refusal);
    const way = attempt.result.result;
    if (way === null) return showForm(context, { ...typed, status: 401, problem: { kind: 'refused' } });
    return core.pages.redirect(way);
  };
}

type Credentials = {
  readonly username: string;
  readonly password: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** Takes a place for the attempt before anything is compared (A06). */
async function attemptSignIn(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  credentials: Credentials,
) {
  const { accounts, devices, throttle, clock, settings } = core;
  const find = settings.email === 'required' ? accounts.findByConfirmed : accounts.find;
  const accountId = await find(credentials.username);
  const isCommonPassword = passwords.isCommon(credentials.password);
  const tried = { accountId, name: credentials.username, isCommonPassword };
  const device = await devices.known(context, accountId, clock());
  const turn = signInTurn(device, context, tried);
  // A cookie that some account knows has passed the router; this one may know it not.
  if (passwords.isFull(turn.line)) throw new Overloaded();
  const version = await passwords.version(accountId);
  const counted = [...limitSignIn(device, context, tried), limitCorrectPassword(context, tried, version)];
  return throttle<SignedInWay>({ context, counted, form, subject: accountId }, async () => {
    const claimed = { ...credentials, accountId, device, version, turn };
    const way = await signInWithPassword(core, passwords, { context, form }, claimed);
    return { result: way, verdict: way.ok && way.result === null ? 'failed' : 'succeeded' };
  });
}

/**
 * The limit of correct passwords for one account from one address. Each costs a hash and stores records. A new password
 * starts at zero, so that an attacker who knows the old one does not lock out an owner who has reset it.
 * @param version of the password; null without one
 */
function limitCorrectPassword(
  { address }: RequestContext,
  { accountId, name }: SignInAttempt,
  version: number | null,
): KeyedLimit {
  const from = clientNetwork(address);
  const password = `${accountOrName(accountId, name)} ${version ?? ''}`;
  return { limit: authLimits['right-passwords'], key: `${password} ${from?.address ?? ''}` };
}

/**
 * The limit of sign-ins with one password of an account, from all addresses. A known device has a budget of its own: an
 * attacker who knows the password cannot use that up (A07).
 */
function limitSignIns(device: string | null, accountId: string, version: number): KeyedLimit {
  const key = device === null ? `${accountId} ${version}` : `device ${device} ${version}`;
  return { limit: limits['sign-ins-of-account'], key };
}

type Claimed = Credentials & {
  readonly accountId: string | null;
  /** Read before the password is verified, so that one which is changed at the same moment signs nobody in. */
  readonly version: number | null;
  readonly turn: Turn;
  /** The browser, where the account knows it. */
  readonly device: string | null;
};

/** The way on, or null where the sign-in is refused; not allowed where the account was signed in to too often. */
type SignedInWay = Throttled<string | null>;

async function signInWithPassword(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  { accountId, device, version, password, isRemembered, next, turn }: Claimed,
): Promise<SignedInWay> {
  const verification = await passwords.verify(accountId, password, turn);
  if (verification === 'right' && accountId !== null && version !== null) {
    const facts = passwords.factsOf({ accountId, version, password });
    const proof = { method: 'password', credential: `${version}`, facts } as const;
    const identity = { accountId, isRemembered, next, ...proof };
    // Behind the password: that an account is signed in to often is told to its owner alone (A01).
    const counted = [limitSignIns(device, accountId, version)];
    return core.throttle({ context, counted, form, subject: accountId }, async () => {
      const way = await enter(core, context, identity);
      return { result: way, verdict: way === null ? 'failed' : 'succeeded' };
    });
  }
  tellRefused(core, context, accountId, verification);
  passwords.tellIfDisabled(context, accountId, verification);
  return { ok: true, result: null };
}

/** @returns the way on, or null where the gate refuses the sign-in */
async function enter({ completeSignIn }: Core, context: RequestContext, identity: ProvenIdentity) {
  const outcome = await completeSignIn(context, identity);
  return progressOf(outcome, identity.next)?.next ?? null;
}

function tellRefused(
  { announce }: Core,
  context: RequestContext,
  accountId: string | null,
  verification: Verification,
): void {
  const reason = refusal(accountId, verification);
  announce(authEvents.signInRefused, { accountId, reason }, originOf(context));
}

function refusal(accountId: string | null, verification: Verification): SignInRefusal {
  if (verification === 'too-long') return 'password-too-long';
  if (verification === 'pepper-lost') return verification;
  if (verification === 'disabled') return 'password-disabled';
  return accountId === null ? 'unknown-account' : 'wrong-credential';
}

function missingField(username: string, password: string): LoginProblem | null {
  if (username.trim() === '') return { kind: 'username-missing' };
  return password === '' ? { kind: 'password-missing' } : null;
}

async function showTooMany(core: Core, context: RequestContext, typed: Typed, refusal: TooMany) {
  const now = core.clock();
  const problem = { kind: 'too-many', notice: await tooManyNotice(refusal, now) } as const;
  return drawForm(core, context, { ...typed, status: 429, problem }, refusalHeaders(refusal, now));
}

type Typed = Omit<FormState, 'status' | 'problem'>;

type FormState = {
  readonly status: number;
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: LoginProblem | null;
};

type MoreHeaders = Readonly<Record<string, string>>;

function drawForm(
  { pages, settings, slots }: Core,
  context: RequestContext,
  state: FormState,
  more?: MoreHeaders,
) {
  const { status, username, isRemembered, next, problem } = state;
  const isAskedToSignIn = status === 200 && next !== null;
  const body = loginForm({
    csrf: pages.csrfToken(context),
    username,
    isRemembered,
    next,
    problem,
    canRegister: settings.registration === 'open',
    links: slots().signInLinks,
    buttons: slots().signInButtons,
  });
  const flash = { kind: 'notice', text: messages.signInFirst } as const;
  const page = { title: messages.login.title, body, ...(isAskedToSignIn && { flash }) };
  return pages.show(context, status, page, more);
}
