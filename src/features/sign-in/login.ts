import type { Core } from '../../core/core.ts';
import type { SignInRefusal } from '../../core/events.ts';
import { originOf, type RequestContext, type Submission } from '../../core/http/context.ts';
import { safeNextPath } from '../../core/http/next-path.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';
import type { Passwords, Verification } from '../passwords/index.ts';
import { type LoginProblem, loginForm } from './pages.ts';

/** GET /login: the form, or the way on for somebody who is signed in already. */
export function showLogin(core: Core) {
  return (context: RequestContext) => {
    const next = safeNextPath(context.query('next'), core.settings.baseUrl.origin);
    if (context.signedIn !== null) return core.pages.redirect(next ?? paths.home);
    return showForm(core, context, { status: 200, username: '', isRemembered: false, next, problem: null });
  };
}

/** POST /login: fields → proof → gate → on. One answer for every kind of failure (A01). */
export function submitLogin(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission) => {
    const username = form.text('username');
    const password = form.text('password');
    const isRemembered = form.text('remember') !== '';
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = { username, isRemembered, next };
    const problem = missingField(username, password);
    if (problem !== null) return showForm(core, context, { ...typed, status: 422, problem });
    const way = await signInWithPassword(core, passwords, context, { ...typed, password });
    if (way === null) return showForm(core, context, { ...typed, status: 401, problem: { kind: 'refused' } });
    return core.pages.redirect(way);
  };
}

type Credentials = {
  readonly username: string;
  readonly password: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** @returns the way on, or null where nobody is to be let in */
async function signInWithPassword(
  { accounts, announce, completeSignIn }: Core,
  passwords: Passwords,
  context: RequestContext,
  { username, password, isRemembered, next }: Credentials,
): Promise<string | null> {
  const accountId = await accounts.find(username);
  const version = await passwords.version(accountId);
  const verification = await passwords.verify(accountId, password);
  if (verification === 'right' && accountId !== null && version !== null) {
    const facts = passwords.factsOf({ accountId, version, password });
    const proof = { method: 'password', credential: `${version}`, facts } as const;
    const outcome = await completeSignIn(context, { accountId, isRemembered, next, ...proof });
    if (outcome.signedIn) return next ?? paths.home;
    return outcome.reason === 'step' ? outcome.path : null;
  }
  announce(
    { type: 'sign-in-refused', accountId, reason: refusal(accountId, verification) },
    originOf(context),
  );
  return null;
}

function refusal(accountId: string | null, verification: Verification): SignInRefusal {
  if (verification === 'too-long') return 'password-too-long';
  if (verification === 'pepper-lost') return verification;
  return accountId === null ? 'unknown-account' : 'wrong-credential';
}

function missingField(username: string, password: string): LoginProblem | null {
  if (username.trim() === '') return { kind: 'username-missing' };
  return password === '' ? { kind: 'password-missing' } : null;
}

type FormState = {
  readonly status: number;
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: LoginProblem | null;
};

function showForm({ pages, settings }: Core, context: RequestContext, state: FormState) {
  const { status, username, isRemembered, next, problem } = state;
  const isAskedToSignIn = status === 200 && next !== null;
  return pages.show(context, status, {
    title: messages.login.title,
    body: loginForm({
      csrf: pages.csrfToken(context),
      username,
      isRemembered,
      next,
      problem,
      canRegister: settings.registration === 'open',
    }),
    ...(isAskedToSignIn && { flash: { kind: 'notice', text: messages.flash.signInFirst } }),
  });
}
