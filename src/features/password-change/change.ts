import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext, Submission } from '../../auth/request-context.ts';
import type { Session } from '../../auth/sessions/session.ts';
import type { Throttled } from '../../platform/rate-limit/index.ts';
import { originOf, withNext } from '../../platform/web/index.ts';
import {
  accountKey,
  attemptProof,
  limitOwnHash,
  newPasswordProblem,
  newPasswordReasons,
  noticesAbout,
  type Passwords,
  passwordChangedNotice,
  flashes as passwordFlashes,
  passwordsService,
} from '../passwords/index.ts';
import { changes } from './definitions.ts';
import { passwordView } from './pages.ts';
import { passwordChangeWords } from './words.ts';

/**
 * GET /.well-known/change-password: the way to the page, for password managers.
 * @see W3C, A Well-Known URL for Changing Passwords, §2
 */
export function leadToPasswordChange({ pages }: Core) {
  return () => pages.redirect(paths.password);
}

/** The form; it asks for the current password unless the user has just given it. */
export const passwordPage = definePage({
  path: '/account/password',
  access: 'signed-in',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords }) =>
    async ({ signedIn: { user, session } }) => {
      const version = await passwords.version(user.id);
      const isProven = isProof(core, session, version);
      // An account without a password, or with a second factor, proves its user in another way.
      if ((version === null && !isProven) || lacksFactor(core, session))
        return core.pages.redirect(withNext(paths.confirm, core.locations.of(paths.password)));
      const { minimumCodePoints } = passwords;
      return { isProven, isFirst: version === null, username: user.username, minimumCodePoints };
    },
  view: passwordView,
});

/** A user who was refused once has to give the current password. */
export const changePassword = defineAction({
  path: '/account/password',
  access: 'signed-in',
  capacity: 'hashing',
  needs: { passwords: passwordsService },
  input: z.object({ currentPassword: text(), newPassword: text() }),
  reasons: {
    'current-missing': {
      status: 422,
      field: 'currentPassword',
      text: (words) => words(passwordChangeWords).currentMissing,
    },
    'current-refused': { status: 401, text: (words) => words(passwordChangeWords).refused },
    'authentication-required': { status: 401, text: (words) => words(passwordChangeWords).refused },
    'second-factor-required': {
      status: 401,
      text: (words) => words(passwordChangeWords).factorRequired,
      instead: { next: withNext(paths.confirm, paths.password) },
    },
    ...newPasswordReasons('newPassword'),
  },
  /**
   * Is the new password good enough → is it the owner who asks → the password changes, every other session ends and this
   * one gets a new token (A11).
   */
  run:
    (core, { passwords }) =>
    async ({ context, form, input: { currentPassword: current, newPassword } }) => {
      const { user, session } = context.signedIn;
      if (lacksFactor(core, session)) return { ok: false, problems: [{ reason: 'second-factor-required' }] };
      const version = await passwords.version(user.id);
      const isProven = isProof(core, session, version);
      const isFirst = version === null;
      if (isFirst && !isProven) return { ok: false, problems: [{ reason: 'authentication-required' }] };
      const accepted = await passwords.check(newPassword, [user.username, user.email ?? '']);
      const isCurrentMissing = current === '' && !isProven;
      if (!accepted.ok || isCurrentMissing) {
        const missing = isCurrentMissing ? [{ reason: 'current-missing' as const }] : [];
        const refused = accepted.ok ? [] : [newPasswordProblem(accepted.reason)];
        return { ok: false, problems: [...missing, ...refused] };
      }
      const restsOnSession = current === '' || isFirst;
      const proof = restsOnSession
        ? await attemptOwnHash(core, { context, form })
        : await attemptProof(core, passwords, { context, form }, current);
      if (!proof.ok) return proof;
      const chosen = { current, password: accepted.password, isFirst };
      if (proof.result && (await isCurrent(passwords, context, chosen)))
        return { ok: false, problems: [{ reason: 'password-current' }] };
      const change = { isFirst, password: accepted.password, version, restsOnSession };
      const changed = proof.result ? await replacePassword(core, passwords, context, change) : null;
      if (changed?.ok !== true) {
        const about = { accountId: user.id, sessionId: session.id };
        core.announce(authEvents.identityNotConfirmed, about, originOf(context));
        return { ok: false, problems: [{ reason: 'current-refused' }] };
      }
      return {
        ok: true,
        next: changed.hasNewToken ? paths.account : paths.login,
        flashes: [
          isFirst ? passwordFlashes.passwordSet : passwordFlashes.passwordChanged,
          ...noticesAbout(accepted.password),
        ],
      };
    },
});

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
  return passwords.isSame(id, password, accountKey(id, 'known', context));
}

/** The session is the proof; what is counted is the hash that follows. */
function attemptOwnHash(
  { throttle }: Core,
  { context, form }: Submission<SignedInContext>,
): Promise<Throttled<boolean>> {
  const counted = limitOwnHash(context);
  const { id: accountId } = context.signedIn.user;
  return throttle({ context, counted, form, subject: accountId }, async () => ({
    result: true,
    verdict: 'succeeded',
  }));
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

/** Whether the second factor has to be given first: the current password does not stand for it (A38). */
function lacksFactor({ guard }: Core, session: Session): boolean {
  return (session.secondFactor !== null || session.isFactorRemembered) && !guard.isFresh(session);
}

type Change = Pick<Chosen, 'isFirst' | 'password'> & {
  readonly version: number | null;
  /** Whether only the session identifies the user. Once it has ended, it no longer does. */
  readonly restsOnSession: boolean;
};

/** Of several changes of one password at once, one is made; the others fail as if the password had been wrong (A15). */
async function replacePassword(
  core: Core,
  passwords: Passwords,
  context: SignedInContext,
  { isFirst, password, version, restsOnSession }: Change,
) {
  const { user, session } = context.signedIn;
  const hash = await passwords.hash(password, accountKey(user.id, 'known', context));
  return core.changeCredential(context, isFirst ? changes.firstPasswordSet : changes.passwordChanged, {
    accountId: user.id,
    isSessionOptional: !restsOnSession,
    apply: (transaction, { at: now }) => passwords.set(transaction, user.id, { version, hash, now }),
    notice: passwordChangedNotice(core, user.id),
    event: { accountId: user.id, sessionId: session.id },
  });
}
