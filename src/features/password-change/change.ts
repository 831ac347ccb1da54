import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths, withNext } from '../../auth/paths.ts';
import type { Session } from '../../auth/sessions/session.ts';
import { accountTurn, ownHashFrom } from '../../auth/throttle/surfaces.ts';
import type { Outcome, TooMany } from '../../platform/rate-limit/throttle.ts';
import { tooManyHeaders, tooManyNotice } from '../../platform/rate-limit/too-many-answer.ts';
import { Abandoned, attempt } from '../../platform/sql/attempt.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { attemptProof, noticesAbout, type Passwords, queuePasswordChanged } from '../passwords/index.ts';
import { type PasswordProblems, passwordForm } from './pages.ts';

/**
 * GET /.well-known/change-password: the way to the page, for password managers.
 * @see W3C, A Well-Known URL for Changing Passwords, §2
 */
export function leadToPasswordChange({ pages }: Core) {
  return () => pages.redirect(paths.password);
}

const PROVE_FIRST = withNext(paths.confirm, paths.password);

/** GET /account/password: the form; it asks for the current password unless that was given just now. */
export function showPasswordChange(core: Core, passwords: Passwords) {
  return async (context: SignedInContext) => {
    const { user, session } = context.signedIn;
    const version = await passwords.version(user.id);
    const isProven = isProof(core, session, version);
    // Whoever has none cannot give it, and proves who they are in another way.
    if (version === null && !isProven) return core.pages.redirect(PROVE_FIRST);
    return showForm(core, passwords, context, {
      status: 200,
      isProven,
      isFirst: version === null,
      problems: {},
    });
  };
}

/**
 * POST /account/password: is it good enough → is it the owner who asks → the password changes, every other session ends
 * and this one gets a new token (A11).
 */
export function submitPasswordChange(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission<SignedInContext>) => {
    const { user, session } = context.signedIn;
    const current = form.text('current-password');
    const version = await passwords.version(user.id);
    const isProven = isProof(core, session, version);
    const isFirst = version === null;
    if (isFirst && !isProven) return core.pages.redirect(PROVE_FIRST);
    const judgement = await passwords.judge(form.text('new-password'), [user.username, user.email ?? '']);
    const isCurrentMissing = current === '' && !isProven;
    if (!judgement.acceptable || isCurrentMissing) {
      const problems = {
        ...(isCurrentMissing && { current: 'missing' as const }),
        ...(!judgement.acceptable && { new: judgement.reason }),
      };
      return showForm(core, passwords, context, { status: 422, isProven, isFirst, problems });
    }
    const restsOnSession = current === '' || isFirst;
    const proof = restsOnSession
      ? await attemptOwnHash(core, { context, form })
      : await attemptProof(core, passwords, { context, form }, current);
    if (!proof.allowed) return showTooMany(core, passwords, context, proof.refusal);
    const chosen = { current, password: judgement.password, isFirst };
    if (proof.result && (await isCurrent(passwords, context, chosen))) {
      const problems = { new: { kind: 'current' } } as const;
      return showForm(core, passwords, context, { status: 422, isProven, isFirst, problems });
    }
    const change = { version, password: judgement.password, restsOnSession };
    const changed = proof.result ? await changePassword(core, passwords, context, change) : null;
    if (changed === null) {
      const about = { accountId: user.id, sessionId: session.id };
      core.announce({ type: 'identity-not-confirmed', ...about }, originOf(context));
      return showForm(core, passwords, context, {
        status: 401,
        isProven: false,
        isFirst: false,
        problems: { current: 'refused' },
      });
    }
    return answerChanged(core, context, changed, { isFirst, password: judgement.password });
  };
}

type Chosen = { readonly current: string; readonly password: string; readonly isFirst: boolean };

/** Whether the new password is the old one, which the session or the field for it has already proved to be known. */
async function isCurrent(
  passwords: Passwords,
  context: SignedInContext,
  { current, password, isFirst }: Chosen,
) {
  const { id } = context.signedIn.user;
  if (isFirst) return false;
  if (current !== '') return current.normalize('NFC') === password;
  return passwords.isSame(id, password, accountTurn(id, 'known', context));
}

/** The session is the proof; what is counted is the hash that follows. */
function attemptOwnHash(
  { throttle }: Core,
  { context, form }: Submission<SignedInContext>,
): Promise<Outcome<boolean>> {
  const counted = ownHashFrom(context);
  const { id: accountId } = context.signedIn.user;
  return throttle({ context, counted, form, accountId }, async () => ({
    result: true,
    verdict: 'succeeded',
  }));
}

async function showTooMany(core: Core, passwords: Passwords, context: SignedInContext, refusal: TooMany) {
  const now = core.clock();
  const problems = { current: await tooManyNotice(refusal, now) };
  const state = { status: 429, isProven: false, isFirst: false, problems };
  return showForm(core, passwords, context, state, tooManyHeaders(refusal, now));
}

/**
 * Whether the session itself proves the owner. To replace a password it has to be that password which was given just now:
 * a mail or a provider does not stand for it (ASVS 5.0, 6.2.3).
 */
function isProof({ guard }: Core, session: Session, version: number | null): boolean {
  const { proof } = session;
  if (proof === null || !guard.isFresh(session)) return false;
  return version === null || (proof.by === 'password' && proof.at >= version);
}

type Changed = {
  /** The session's new token; null where the session was ended meanwhile, which the change does not undo. */
  readonly token: string | null;
  readonly now: number;
};

type Change = {
  readonly version: number | null;
  readonly password: string;
  /** Whether nothing but the session says who it is. Once that was ended, it says no more. */
  readonly restsOnSession: boolean;
};

/**
 * Of all who change one password at once, one is let through; the others are as if they had not known it (A15).
 * @returns null for the others, and where the session was ended meanwhile that alone says who it is
 */
async function changePassword(
  core: Core,
  passwords: Passwords,
  context: SignedInContext,
  { version, password, restsOnSession }: Change,
): Promise<Changed | null> {
  const { database, accounts, sessions, pendingSignIns, devices, clock, announce } = core;
  const { user, session } = context.signedIn;
  const hash = await passwords.hash(password, accountTurn(user.id, 'known', context));
  const now = clock();
  // All or nothing: a new password that stands beside a token of before would keep a thief signed in (A58).
  const changed = await attempt(
    database,
    async (transaction) => {
      // The account comes first, as in every such change: so two of them wait for each other and never for ever.
      const forgetting = await accounts.forgetDevices(transaction, user.id, now);
      if (!(await passwords.set(transaction, user.id, { version, hash, now }))) throw new Abandoned();
      await sessions.endOthers(user.id, session.id, transaction);
      await pendingSignIns.endOthers(transaction, context, user.id);
      await core.oneTimeTokens.voidAfterPasswordChange(transaction, user.id);
      await queuePasswordChanged(core, transaction, context, { accountId: user.id, now });
      const token = await sessions.renew(context.signedIn, now, { by: 'password' }, transaction);
      if (token === null && restsOnSession) throw new Abandoned();
      return { token, now, forgetting };
    },
    // Somebody else has set a first one at this very moment.
    database.isUniqueViolation,
  );
  if (changed === null) return null;
  // Once more: a sign-in with the old password may have begun a session while the change was not yet to be seen. One
  // that begins later sees it, and ends by itself (`stillHolds` of a sign-in method).
  await sessions.endOthers(user.id, session.id);
  devices.keep(context, user.id, changed.forgetting, now);
  const about = { accountId: user.id, sessionId: session.id };
  announce({ type: 'password-changed', ...about }, originOf(context));
  return changed;
}

function answerChanged(
  { cookies, pages }: Core,
  context: SignedInContext,
  { token, now }: Changed,
  { isFirst, password }: Pick<Chosen, 'isFirst' | 'password'>,
) {
  const { session } = context.signedIn;
  pages.flash(context, isFirst ? 'passwordSet' : 'passwordChanged', ...noticesAbout(password));
  if (token === null) return pages.redirect(paths.login);
  context.cookies.set('session', cookies.session({ ...session, token }, now));
  return pages.redirect(paths.account);
}

type FormState = {
  readonly status: number;
  readonly isProven: boolean;
  readonly isFirst: boolean;
  readonly problems: PasswordProblems;
};

function showForm(
  { pages }: Core,
  { minimumCodePoints }: Passwords,
  context: SignedInContext,
  { status, ...state }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const { username } = context.signedIn.user;
  const body = passwordForm({ ...state, csrf: pages.csrfToken(context), username, minimumCodePoints });
  const { title, firstTitle } = messages.passwordChange;
  return pages.show(context, status, { title: state.isFirst ? firstTitle : title, body }, more);
}
