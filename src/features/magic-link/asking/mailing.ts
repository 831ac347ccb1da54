import type { Core } from '../../../core/core.ts';
import { inVain, NOBODYS_ADDRESS } from '../../../core/database/in-vain.ts';
import type { Queries } from '../../../core/database/schema.ts';
import type { MailRefusal } from '../../../core/events.ts';
import { deviceOf, originOf, type Submission } from '../../../core/http/context.ts';
import type { Occasion } from '../../../core/mail/message.ts';
import { paths } from '../../../core/paths.ts';
import { type ReachableAccount, reachableAccount } from '../../../core/reachable-account.ts';
import { mailOf } from '../../../core/throttle/surfaces.ts';
import { issueLink, linkPurpose } from '../link-token.ts';
import type { Asked } from './request-cookie.ts';

/**
 * Sends the mail with the link and the code, a few times an hour; whoever asks more often is told the same. Only to a
 * confirmed address: one that was never shown to be the owner's is no way in. Where nobody is to get one, the same is
 * written and taken back (A03).
 */
export async function sendLink(core: Core, { context, form }: Submission, asked: Asked): Promise<void> {
  const accountId = await core.accounts.find(asked.name);
  const counted = mailOf('links-of-account', accountId, asked.name);
  await core.throttle({ context, counted, form, accountId }, async () => {
    const found = await confirmedAccount(core, accountId);
    const occasion = core.notices.occasionOf(deviceOf(context), core.clock());
    if ('refusal' in found)
      await inVain(core.database, (transaction) => writeToNobody(core, transaction, occasion));
    else await core.database.transaction((transaction) => write(core, transaction, found, asked, occasion));
    core.announce(
      'refusal' in found
        ? { type: 'sign-in-link-refused', accountId, reason: found.refusal }
        : { type: 'sign-in-link-requested', accountId: found.id },
      originOf(context),
    );
    return { result: null, verdict: ['links-of-account'] };
  });
}

async function confirmedAccount(
  core: Core,
  accountId: string | null,
): Promise<ReachableAccount | { readonly refusal: MailRefusal }> {
  const found = await reachableAccount(core, accountId);
  if ('refusal' in found || found.emailVerifiedAt !== null) return found;
  return { refusal: 'address-unconfirmed' };
}

async function write(
  core: Core,
  transaction: Queries,
  { id: accountId, email: address, username }: ReachableAccount,
  { browser }: Asked,
  occasion: Occasion,
): Promise<void> {
  const { token, code } = await issueLink(core, transaction, { accountId, address, browser }, occasion.at);
  const message = linkMail(username, { token, code }, occasion);
  await core.mail.queue(transaction, { to: address, accountId, message, now: occasion.at });
}

async function writeToNobody(core: Core, transaction: Queries, occasion: Occasion): Promise<void> {
  const about = { purpose: linkPurpose, accountId: null, data: NOBODYS_ADDRESS };
  const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
  const { code } = core.oneTimeCodes.make([NOBODYS_ADDRESS]);
  const message = linkMail('nobody', { token, code }, occasion);
  await core.mail.queue(transaction, { to: NOBODYS_ADDRESS, accountId: null, message, now: occasion.at });
}

type Proofs = { readonly token: string; readonly code: string };

function linkMail(username: string, { token, code }: Proofs, occasion: Occasion) {
  const page = `${paths.openSignInLink}?token=${token}` as const;
  const expiresAt = occasion.at + linkPurpose.lifetime;
  return { name: 'magic-link', username, page, code, expiresAt, occasion } as const;
}
