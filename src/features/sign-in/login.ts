import type { Core } from '../../core/core.ts';
import type { SignInRefusal } from '../../core/events.ts';
import { originOf, type RequestContext, type Submission } from '../../core/http/context.ts';
import { safeNextPath } from '../../core/http/next-path.ts';
import type { Line } from '../../core/limits.ts';
import { messages } from '../../core/pages/messages.ts';
import type { OtherWay } from '../../core/pages/other-ways.ts';
import { paths } from '../../core/paths.ts';
import { claimOf } from '../../core/throttle/surfaces.ts';
import type { TooMany } from '../../core/throttle/throttle.ts';
import { tooManyHeaders, tooManyNotice } from '../../core/throttle/too-many-answer.ts';
import type { Passwords, Verification } from '../passwords/index.ts';
import { type LoginProblem, loginForm } from './pages.ts';

/** GET /login: the form, or the way on for somebody who is signed in already. */
export function showLogin(core: Core, ways: readonly OtherWay[]) {
  return (context: RequestContext) => {
    const next = safeNextPath(context.query('next'), core.settings.baseUrl.origin);
    if (context.signedIn !== null) return core.pages.redirect(next ?? paths.home);
    return drawForm(core, ways, context, {
      status: 200,
      username: '',
      isRemembered: false,
      next,
      problem: null,
    });
  };
}

/** POST /login: fields → proof → gate → on. One answer for every kind of failure (A01). */
export function submitLogin(core: Core, passwords: Passwords, ways: readonly OtherWay[]) {
  const showForm = (context: RequestContext, state: FormState, more?: MoreHeaders) =>
    drawForm(core, ways, context, state, more);
  return async ({ context, form }: Submission) => {
    const username = form.text('username');
    const password = form.text('password');
    const isRemembered = form.text('remember') !== '';
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = { username, isRemembered, next };
    const problem = missingField(username, password);
    if (problem !== null) return showForm(context, { ...typed, status: 422, problem });
    const attempt = await attemptSignIn(core, passwords, { context, form }, { ...typed, password });
    if (!attempt.allowed) return showTooMany(core, ways, context, typed, attempt.refusal);
    const way = attempt.result;
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
  const claim = { accountId, name: credentials.username, isCommonPassword };
  const counted = claimOf(devices, context, claim, clock());
  // A browser that the account knows is not kept waiting by those that it does not (A07).
  const line = devices.known(context, accountId, clock()) === null ? 'everybody' : 'first';
  return throttle({ context, counted, form, accountId }, async () => {
    const way = await signInWithPassword(core, passwords, context, { ...credentials, accountId, line });
    return { result: way, verdict: way === null ? 'failed' : 'succeeded' };
  });
}

type Claimed = Credentials & { readonly accountId: string | null; readonly line: Line };

/** @returns the way on, or null where nobody is to be let in */
async function signInWithPassword(
  { announce, completeSignIn }: Core,
  passwords: Passwords,
  context: RequestContext,
  { accountId, password, isRemembered, next, line }: Claimed,
): Promise<string | null> {
  const version = await passwords.version(accountId);
  const verification = await passwords.verify(accountId, password, line);
  if (verification === 'right' && accountId !== null && version !== null) {
    const facts = passwords.factsOf({ accountId, version, password });
    const proof = { method: 'password', credential: `${version}`, facts } as const;
    const outcome = await completeSignIn(context, { accountId, isRemembered, next, ...proof });
    if (outcome.signedIn) return next ?? paths.home;
    return outcome.reason === 'step' ? outcome.path : null;
  }
  const origin = originOf(context);
  announce({ type: 'sign-in-refused', accountId, reason: refusal(accountId, verification) }, origin);
  if (verification === 'wrong-once-too-often' && accountId !== null)
    announce({ type: 'password-disabled', accountId }, origin);
  return null;
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

async function showTooMany(
  core: Core,
  ways: readonly OtherWay[],
  context: RequestContext,
  typed: Typed,
  refusal: TooMany,
) {
  const now = core.clock();
  const problem = { kind: 'too-many', notice: await tooManyNotice(refusal, now) } as const;
  return drawForm(core, ways, context, { ...typed, status: 429, problem }, tooManyHeaders(refusal, now));
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
  { pages, settings }: Core,
  ways: readonly OtherWay[],
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
    canUseLink: settings.magicLink === 'on',
    otherWays: ways,
  });
  const flash = { kind: 'notice', text: messages.flash.signInFirst } as const;
  const page = { title: messages.login.title, body, ...(isAskedToSignIn && { flash }) };
  return pages.show(context, status, page, more);
}
