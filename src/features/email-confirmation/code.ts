import { z } from 'zod';
import { defineAction, definePage, type Reason, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { authCookies } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext, Submission } from '../../auth/request-context.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import { originOf, withFlow } from '../../platform/web/index.ts';
import { codeFieldWords } from '../requested-mail/index.ts';
import { boundTo, confirmAddress, confirmationOf } from './confirmation.ts';
import { events, flashes, tokens } from './definitions.ts';
import { codeView } from './pages.ts';
import { limitCodes, resendConfirmation, type Waiting } from './sending.ts';
import { STEP, STEP_PATH } from './step.ts';

const input = z.object({ code: text() });

const codeReasons = {
  'code-missing': { status: 422, field: 'code', text: (words) => words(codeFieldWords).missing },
  'code-refused': { status: 422, field: 'code', text: (words) => words(codeFieldWords).refused },
} satisfies Readonly<Record<string, Reason<'code'>>>;

/** The password was right, and the address has to be confirmed. */
export const stepPage = definePage({
  path: STEP_PATH,
  access: 'public',
  load: (core) => async (context) => {
    core.flows.choose(context, authCookies.pending);
    const current = await currentSignIn(core, context);
    if ('path' in current) return core.pages.redirect(current.path);
    return { address: current.waiting.address, place: 'sign-in' } as const;
  },
  view: codeView,
});

/** The code → the address is confirmed → the sign-in continues. */
export const confirmAtStep = defineAction({
  path: STEP_PATH,
  access: 'public',
  input,
  reasons: { ...codeReasons, ...stepReasons },
  run:
    (core) =>
    async ({ context, form, input: { code } }) => {
      const current = await currentSignIn(core, context);
      if ('path' in current) return refuseStep(current.path);
      const confirmed = await submitCode(core, { context, form }, current.waiting, code);
      if (!confirmed.ok) return confirmed;
      core.pages.flash(context, flashes.addressConfirmed);
      return { ok: true, ...(await core.continueSignIn(context, context.flow)) };
    },
});

export const resendAtStep = defineAction({
  path: '/login/confirm-address/resend',
  page: STEP_PATH,
  access: 'public',
  input: z.object({}),
  reasons: stepReasons,
  run:
    (core) =>
    async ({ context, form }) => {
      const current = await currentSignIn(core, context);
      if ('path' in current) return refuseStep(current.path);
      const sent = await resendConfirmation(core, { context, form }, current.waiting);
      if (!sent.ok) return sent;
      return { ok: true, next: withFlow(STEP_PATH, context.flow), flashes: [flashes.confirmationSent] };
    },
});

type QueueKey = { readonly waiting: Waiting } | { readonly path: string };

async function currentSignIn({ pendingSignIns, accounts }: Core, context: RequestContext): Promise<QueueKey> {
  const current = await pendingSignIns.read(context, STEP);
  if (current.pending === null) return { path: current.path };
  const { accountId } = current.pending;
  const account = await accounts.read(accountId);
  if (account === null || account.email === null) return { path: paths.login };
  return { waiting: { accountId, address: account.email } };
}

/** The same for a signed-in user. */
export const accountPage = definePage({
  path: '/account/confirm-address',
  access: 'signed-in',
  load: (core) => (context) => {
    const waiting = waitingOf(context);
    if (waiting === null) return core.pages.redirect(paths.account);
    return { address: waiting.address, place: 'account' } as const;
  },
  view: codeView,
});

export const confirmAtAccount = defineAction({
  path: '/account/confirm-address',
  access: 'signed-in',
  input,
  reasons: codeReasons,
  run:
    (core) =>
    async ({ context, form, input: { code } }) => {
      const waiting = waitingOf(context);
      const confirmed = waiting && (await submitCode(core, { context, form }, waiting, code));
      if (confirmed?.ok === false) return confirmed;
      // Confirmed meanwhile, such as by the link; an account without an address has nothing to confirm.
      const isConfirmed = confirmed !== null || context.signedIn.user.emailVerified;
      return { ok: true, next: paths.account, flashes: isConfirmed ? [flashes.addressConfirmed] : [] };
    },
});

export const resendAtAccount = defineAction({
  path: '/account/confirm-address/resend',
  page: '/account/confirm-address',
  access: 'signed-in',
  input: z.object({}),
  reasons: {},
  run:
    (core) =>
    async ({ context, form }) => {
      const waiting = waitingOf(context);
      if (waiting === null) return { ok: true, next: paths.confirmAddress };
      const sent = await resendConfirmation(core, { context, form }, waiting);
      if (!sent.ok) return sent;
      return { ok: true, next: paths.confirmAddress, flashes: [flashes.confirmationSent] };
    },
});

/** Null if there is nothing to confirm. */
function waitingOf({ signedIn: { user } }: SignedInContext): Waiting | null {
  if (user.email === null || user.emailVerified) return null;
  return { accountId: user.id, address: user.email };
}

async function submitCode(
  core: Core,
  submission: Submission,
  waiting: Waiting,
  code: string,
): Promise<{ readonly ok: true } | Refused<keyof typeof codeReasons>> {
  if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
  const attempt = await attemptCode(core, submission, waiting, code);
  if (!attempt.ok) return attempt;
  if (attempt.result) return { ok: true };
  const about = { accountId: waiting.accountId, reason: 'wrong-code' } as const;
  core.announce(events.addressNotConfirmed, about, originOf(submission.context));
  return { ok: false, problems: [{ reason: 'code-refused' }] };
}

/**
 * The permit is taken before the code is compared: five tries, however many come at once (A40), until the user has
 * another mail sent. Counted by the account, which may have no code: one that was registered with another account's
 * address behaves the same (A67).
 */
async function attemptCode(
  core: Core,
  { context, form }: Submission,
  { accountId, address }: Waiting,
  code: string,
) {
  const { oneTimeTokens, oneTimeCodes, throttle, clock } = core;
  const counted = [limitCodes(accountId)];
  return throttle({ context, counted, form, subject: accountId }, async () => {
    const newest = (await oneTimeTokens.ofAccount(tokens['email-confirmation'], accountId, clock())).at(-1);
    const kept = newest === undefined ? null : confirmationOf(newest);
    const isRight = oneTimeCodes.isRight(code, kept?.code ?? '', boundTo(accountId));
    if (!isRight || newest === undefined || kept?.address !== address)
      return { result: false, verdict: 'failed' };
    const { ok } = await confirmAddress(core, context, kept, { id: newest.id });
    return { result: ok, verdict: 'succeeded' };
  });
}
