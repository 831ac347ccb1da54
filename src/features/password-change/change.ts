import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { Session } from '../../auth/sessions/session.ts';
import { accountTurn, ownHashFrom } from '../../auth/throttle/surfaces.ts';
import type { Outcome, TooMany } from '../../platform/rate-limit/throttle.ts';
import { tooManyHeaders, tooManyNotice } from '../../platform/rate-limit/too-many-answer.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { withNext } from '../../platform/web/next-path.ts';
import {
  attemptProof,
  noticesAbout,
  type Passwords,
  passwordChangedNotice,
  flashes as passwordFlashes,
} from '../passwords/index.ts';
import { changes } from './definitions.ts';
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
    // A user without a password proves who they are in another way.
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
    const change = { isFirst, password: judgement.password, version, restsOnSession };
    const changed = proof.result ? await changePassword(core, passwords, context, change) : null;
    if (changed?.ok !== true) {
      const about = { accountId: user.id, sessionId: session.id };
      core.announce({ type: 'identity-not-confirmed', ...about }, originOf(context));
      return showForm(core, passwords, context, {
        status: 401,
        isProven: false,
        isFirst: false,
        problems: { current: 'refused' },
      });
    }
    core.pages.flash(
      context,
      isFirst ? passwordFlashes.passwordSet : passwordFlashes.passwordChanged,
      ...noticesAbout(judgement.password),
    );
    return core.pages.redirect(changed.hasNewToken ? paths.account : paths.login);
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

type Change = Pick<Chosen, 'isFirst' | 'password'> & {
  readonly version: number | null;
  /** Whether only the session identifies the user. Once it has ended, it no longer does. */
  readonly restsOnSession: boolean;
};

/** Of several changes of one password at once, one is made; the others fail as if the password had been wrong (A15). */
async function changePassword(
  core: Core,
  passwords: Passwords,
  context: SignedInContext,
  { isFirst, password, version, restsOnSession }: Change,
) {
  const { user, session } = context.signedIn;
  const hash = await passwords.hash(password, accountTurn(user.id, 'known', context));
  return core.changeCredential(context, isFirst ? changes.firstPasswordSet : changes.passwordChanged, {
    accountId: user.id,
    isSessionOptional: !restsOnSession,
    apply: (transaction, { at: now }) => passwords.set(transaction, user.id, { version, hash, now }),
    notice: passwordChangedNotice(core, user.id),
    event: { type: 'password-changed', accountId: user.id, sessionId: session.id },
  });
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
