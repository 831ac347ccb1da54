import { z } from 'zod';
import type { Account } from '../../auth/accounts/accounts.ts';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { occasionWithoutDevice } from '../../platform/mail/index.ts';
import { type EmailAddress, parseEmailAddress } from '../../platform/text/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { emailReasons, nameRules } from '../registration/index.ts';
import { limitRepeatedMail, withinMailboxBudget } from '../requested-mail/index.ts';
import { changeOf } from './change-token.ts';
import { emails, events, flashes, limits, tokens } from './definitions.ts';
import { addressView } from './pages.ts';
import { emailChangeWords } from './words.ts';

/** The address, whether another one is waiting to be confirmed, and a field for another. */
export const addressPage = definePage({
  path: '/account/email',
  access: 'fresh',
  load:
    ({ oneTimeTokens, clock }) =>
    async ({ signedIn: { user } }) => {
      const [waiting] = await oneTimeTokens.ofAccount(tokens['email-change'], user.id, clock());
      return { user, waiting: waiting === undefined ? null : changeOf(waiting).to.address };
    },
  view: addressView,
});

/**
 * Mails a link to the new address; nothing has changed yet. For an address that another account has, the answer is the
 * same, and the owner of that account is notified (A03, A16).
 */
export const requestAddressChange = defineAction({
  path: '/account/email',
  access: 'fresh',
  needs: { names: nameRules },
  input: z.object({ email: text() }),
  keeps: ['email'],
  reasons: {
    ...emailReasons,
    'email-missing': { ...emailReasons['email-missing'], text: (words) => words(emailChangeWords).missing },
    'email-same': { ...emailReasons['email-missing'], text: (words) => words(emailChangeWords).same },
  },
  run:
    (core, { names }) =>
    async ({ context, form, input: { email } }) => {
      const { user } = context.signedIn;
      if (email.trim() === '') return { ok: false, problems: [{ reason: 'email-missing' }] };
      const reading = parseEmailAddress(email);
      if (!reading.ok) return { ok: false, problems: [{ reason: `email-${reading.reason}` }] };
      if (names.isBlocked(reading)) return { ok: false, problems: [{ reason: 'email-blocked' }] };
      if (reading.address === user.email && user.emailVerified)
        return { ok: false, problems: [{ reason: 'email-same' }] };
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
      if (!outcome.ok) return outcome;
      core.announce(events.addressChangeRequested, { accountId: user.id }, originOf(context));
      return { ok: true, next: paths.email, flashes: [flashes.addressChangeSent] };
    },
});

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
    const purpose = tokens['email-change'];
    await oneTimeTokens.voidAll(transaction, purpose, accountId);
    const about = { purpose, accountId, data: { address: to.address, from: account.email } };
    const token = await oneTimeTokens.issue(transaction, about, occasion.at);
    if (!isMailed) return;
    if (holder !== null && holder.emailVerifiedAt !== null)
      return notifyHolder(core, transaction, holder, occasion);
    const email = emails.addressChangeConfirm.with({
      page: `/account/email/confirm?token=${token}`,
      expires: occasion.at + purpose.lifetime,
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
