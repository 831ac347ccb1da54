import { type ReachableAccount, reachableAccount } from '../../../auth/accounts/reachable-account.ts';
import type { Core } from '../../../auth/core.ts';
import type { MailRefusal } from '../../../auth/events.ts';
import { paths } from '../../../auth/paths.ts';
import { DECOY_ADDRESS, type RequestedMail } from '../../../auth/requested-mail.ts';
import type { Queries } from '../../../auth/schema.ts';
import type { Occasion } from '../../../platform/mail/index.ts';
import { emails, events, limits, tokens } from '../definitions.ts';
import { issueLink } from '../link-token.ts';
import type { Asked } from './request-cookie.ts';

/** The mail with the link and the code, only to a confirmed address: another one may belong to another person. */
export function linkMailTo(core: Core, asked: Asked): RequestedMail<ReachableAccount> {
  return {
    name: asked.name,
    limit: limits['links-of-account'],
    find: (accountId) => confirmedAccount(core, accountId),
    write: (transaction, account, occasion) => write(core, transaction, account, asked, occasion),
    writeToNobody: (transaction, occasion) => writeToNobody(core, transaction, occasion),
    sent: events.signInLinkRequested,
    refused: events.signInLinkRefused,
  };
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
  const email = linkMail(username, { token, code }, occasion);
  await core.mail.queue(transaction, { to: address, ownerId: accountId, email, occasion });
}

async function writeToNobody(core: Core, transaction: Queries, occasion: Occasion): Promise<void> {
  const about = {
    purpose: tokens['magic-link'],
    accountId: null,
    data: { address: DECOY_ADDRESS, browser: '', code: '' },
  };
  const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
  const { code } = core.oneTimeCodes.make([DECOY_ADDRESS]);
  const email = linkMail('nobody', { token, code }, occasion);
  await core.mail.queue(transaction, { to: DECOY_ADDRESS, ownerId: null, email, occasion });
}

type Proofs = { readonly token: string; readonly code: string };

function linkMail(username: string, { token, code }: Proofs, occasion: Occasion) {
  const page = `${paths.openSignInLink}?token=${token}` as const;
  return emails.magicLink.with({
    username,
    page,
    code,
    expires: occasion.at + tokens['magic-link'].lifetime,
  });
}
