import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import { limitRepeatedMail } from '../../auth/limits.ts';
import { clientOf, occasionWithoutDevice } from '../../auth/mail/notices.ts';
import { withinMailboxBudget } from '../../auth/mailbox-budget.ts';
import { messages } from '../../auth/pages/messages.ts';
import { tooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import type { User } from '../../auth/sessions/session.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { refusalHeaders } from '../../platform/rate-limit/index.ts';
import { type EmailAddress, parseEmailAddress } from '../../platform/text/email-address.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import type { BlockedEmailDomains } from '../registration/index.ts';
import { changePurpose, readChange, writeChange } from './change-token.ts';
import { emails, events, flashes, limits } from './definitions.ts';
import { addressForm } from './pages.ts';

/** GET /account/email: the address, whether one is waiting to be confirmed, and a field for another. */
export function showAddress(core: Core) {
  return (context: SignedInContext) =>
    showForm(core, context, { status: 200, typed: context.typed?.text('email') ?? '' });
}

/**
 * POST /account/email: is it an address → a mail goes there → nothing has changed yet. One that another account has gets
 * the same answer; its owner is told (A03, A16).
 */
export function submitAddress(core: Core, isBlocked: BlockedEmailDomains) {
  return async ({ context, form }: Submission<SignedInContext>) => {
    const { user } = context.signedIn;
    const typed = form.text('email');
    const reading = parseEmailAddress(typed);
    const problem = problemOf(reading, typed, user, isBlocked);
    if (problem !== null || !reading.valid)
      return showForm(core, context, { status: 422, typed, problem: problem ?? words.missing });
    const wanted = { address: reading.address, key: reading.key };
    const counted = [
      ...limitRepeatedMail(user.id, context),
      { limit: limits['address-change-mails'], key: wanted.key },
    ];
    const outcome = await core.throttle({ context, counted, form, subject: user.id }, async () => {
      await withinMailboxBudget(core, context, wanted, async (isMailed) => {
        await requestChange(core, context, wanted, isMailed);
        return { result: null, isSent: isMailed };
      });
      return { result: null, verdict: 'counted' };
    });
    if (!outcome.ok) {
      const now = core.clock();
      const { text: whole } = await tooManyNotice(outcome.refusal, now);
      return showForm(core, context, { status: 429, typed, whole }, refusalHeaders(outcome.refusal, now));
    }
    core.announce(events.addressChangeRequested, { accountId: user.id }, originOf(context));
    core.pages.flash(context, flashes.addressChangeSent);
    return core.pages.redirect(paths.email);
  };
}

const words = messages.emailChange;

function problemOf(
  reading: ReturnType<typeof parseEmailAddress>,
  typed: string,
  { email, emailVerified }: User,
  isBlocked: BlockedEmailDomains,
): string | null {
  if (typed.trim() === '') return words.missing;
  if (!reading.valid) return messages.register.email[reading.reason];
  if (isBlocked(reading)) return messages.register.email.blocked;
  return reading.address === email && emailVerified ? words.same : null;
}

/** Writes a link in any case; only who gets it by mail can use it. */
async function requestChange(
  core: Core,
  context: SignedInContext,
  to: EmailAddress,
  isMailed: boolean,
): Promise<void> {
  const { accounts, database, notices, oneTimeTokens, clock } = core;
  const { id: accountId } = context.signedIn.user;
  const occasion = notices.occasionOf(clientOf(context), clock());
  const holderId = await accounts.find(to.address);
  const holder = holderId === null || holderId === accountId ? null : await accounts.read(holderId);
  await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    const account = await accounts.read(accountId, transaction);
    if (account === null) return;
    await oneTimeTokens.voidAll(transaction, changePurpose, accountId);
    const about = { purpose: changePurpose, accountId, data: writeChange({ from: account.email, to }) };
    const token = await oneTimeTokens.issue(transaction, about, occasion.at);
    if (!isMailed) return;
    if (holder !== null && holder.emailVerifiedAt !== null)
      return notifyHolder(core, transaction, holder, occasion);
    const email = emails.addressChangeConfirm.with({
      page: `${paths.confirmEmailChange}?token=${token}`,
      expires: occasion.at + changePurpose.lifetime,
    });
    await core.mail.queue(transaction, { to: to.address, ownerId: accountId, email, occasion });
  });
}

/** The mail does not say from where the other user asked, so neither learns more about the other. */
async function notifyHolder({ mail }: Core, transaction: Queries, holder: Account, asked: Occasion) {
  const { id: ownerId, username, email: to } = holder;
  if (to === null) return;
  const occasion = occasionWithoutDevice(asked.at, asked.language);
  const email = emails.addressWanted.with({ username, page: paths.login });
  await mail.queue(transaction, { to, ownerId, email, occasion });
}

type FormState = {
  readonly status: number;
  /** What was typed before. */
  readonly typed: string;
  readonly problem?: string;
  readonly whole?: string;
};

async function showForm(
  { pages, oneTimeTokens, clock }: Core,
  context: SignedInContext,
  { status, typed, problem = undefined, whole = undefined }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const { user } = context.signedIn;
  const [waiting] = await oneTimeTokens.ofAccount(changePurpose, user.id, clock());
  const body = addressForm({
    csrf: pages.csrfToken(context),
    user,
    waiting: waiting === undefined ? null : readChange(waiting).to.address,
    typed,
    problems: { email: problem ?? null, whole: whole ?? null },
  });
  return pages.show(context, status, { title: words.title, body }, more);
}
