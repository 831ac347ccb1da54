import { z } from 'zod';
import { defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import { originOf } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { limitSignIn, type Passwords, passwordsService } from '../passwords/index.ts';
import { defineMailedLink, LINK_INVALID } from '../requested-mail/index.ts';
import { isMarked } from './browser.ts';
import { type Confirmation, confirmAddress, confirmationOf } from './confirmation.ts';
import { events, flashes, tokens } from './definitions.ts';
import { linkView } from './pages.ts';
import { STEP } from './step.ts';
import { emailConfirmationWords } from './words.ts';

type Confirmed = Confirmation & { readonly username: string };

const confirmationLink = defineMailedLink({
  purpose: tokens['email-confirmation'],
  find:
    ({ accounts }) =>
    async (token) => {
      const confirmation = confirmationOf(token);
      const account = await accounts.read(confirmation.accountId);
      if (account === null) return 'link-gone';
      const about: Confirmed = { ...confirmation, username: account.username };
      return { about };
    },
  invalid: (words) => {
    const { title, text } = words(emailConfirmationWords).invalid;
    return { title, text, link: signInLink(words) };
  },
  again: signInLink,
});

function signInLink(words: Wording) {
  return { path: paths.login, label: words(emailConfirmationWords).invalid.signIn };
}

/** Whether this browser needs no password: it has requested the mail, or its user has just signed in to the account. */
async function isProven(
  core: Core,
  context: RequestContext,
  { accountId, browser }: Pick<Confirmation, 'accountId' | 'browser'>,
): Promise<boolean> {
  if (isMarked(core, context, browser) || isOwn(context, accountId)) return true;
  return (await core.pendingSignIns.ofAccount(context, STEP, accountId)) !== null;
}

function isOwn({ signedIn }: RequestContext, accountId: AccountId): boolean {
  return signedIn?.user.id === accountId;
}

/** Shows a button; nothing is spent (A14). */
export const linkPage = definePage({
  path: '/verify-email',
  access: 'public',
  needs: { link: confirmationLink, passwords: passwordsService },
  load: (core, { link, passwords }) =>
    link.page(async (context, { about: { accountId, address, browser, username } }) => ({
      address,
      username: (await isProven(core, context, { accountId, browser })) ? username : null,
      hasPassword: (await passwords.version(accountId)) !== null,
    })),
  view: linkView,
});

/**
 * The link, and the browser that requested it, one that is signed in to the account, or the password. So neither a scanner that presses buttons nor the owner of
 * a mailbox confirms what another user has registered. It signs no user in.
 */
export const confirmByLink = defineAction({
  path: '/verify-email',
  access: 'public',
  capacity: 'hashing',
  needs: { link: confirmationLink, passwords: passwordsService },
  input: z.object({ password: text() }),
  reasons: {
    ...confirmationLink.reasons,
    'password-missing': {
      status: 422,
      field: 'password',
      text: (words) => words(emailConfirmationWords).passwordMissing,
    },
    'password-refused': {
      status: 401,
      field: 'password',
      text: (words) => words(emailConfirmationWords).passwordRefused,
    },
  },
  run: (core, { link, passwords }) =>
    link.action(async ({ context, form, input: { password } }, { token, about }) => {
      const { accountId } = about;
      const waiting = await core.pendingSignIns.ofAccount(context, STEP, accountId);
      if (!(await isProven(core, context, about))) {
        const verified = await verifyPassword(core, passwords, { context, form }, { accountId, password });
        if (!verified.ok) return verified;
      }
      if (!(await confirmAddress(core, context, about, { token })).ok) return LINK_INVALID;
      core.pages.flash(context, flashes.addressConfirmed);
      if (waiting !== null) return { ok: true, ...(await core.continueSignIn(context, waiting.flow)) };
      return { ok: true, next: isOwn(context, accountId) ? paths.account : paths.login };
    }),
});

type Refusal = Refused<'link-gone' | 'password-missing' | 'password-refused'>;

/** Counted and limited like a sign-in. */
async function verifyPassword(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  { accountId, password }: { readonly accountId: AccountId; readonly password: string },
): Promise<{ readonly ok: true } | Refusal> {
  if (password === '') return { ok: false, problems: [{ reason: 'password-missing' }] };
  const { devices, throttle, clock, announce } = core;
  const device = await devices.known(context, accountId, clock());
  const tried = { accountId, name: '', isCommonPassword: passwords.isCommon(password) };
  const counted = limitSignIn(device, context, tried);
  const attempt = await throttle({ context, counted, form, subject: accountId }, async () => {
    const verification = await passwords.verify(accountId, password);
    return { result: verification, verdict: verification === 'right' ? 'succeeded' : 'failed' };
  });
  if (!attempt.ok) return attempt;
  if (attempt.result === 'right') return { ok: true };
  announce(events.addressNotConfirmed, { accountId, reason: 'wrong-password' }, originOf(context));
  passwords.notifyIfDisabled(context, accountId, attempt.result);
  return { ok: false, problems: [{ reason: 'password-refused' }] };
}
