import type { Core } from '../../../auth/core.ts';
import type { Queries } from '../../../auth/schema.ts';
import type { Occasion } from '../../../platform/mail/index.ts';
import type { Passwords } from '../../passwords/index.ts';
import {
  DECOY_ADDRESS,
  type ReachableAccount,
  type RequestedMail,
  reachableAccount,
} from '../../requested-mail/index.ts';
import { emails, events, limits, tokens } from '../definitions.ts';
import { issueReset, resetPagePath } from '../reset-token.ts';

/** The mail with the link to the named account. */
export function resetMailTo(core: Core, passwords: Passwords, name: string): RequestedMail<Recipient> {
  return {
    name,
    limit: limits['resets-of-account'],
    find: async (accountId) => {
      const found = await reachableAccount(core, accountId);
      const version = await passwords.version(found.ok ? found.recipient.id : null);
      return found.ok ? { ok: true, recipient: { account: found.recipient, version } } : found;
    },
    write: (transaction, recipient, occasion) => queueReset(core, transaction, recipient, occasion),
    unprovenAddressOf: ({ account }) => (account.emailVerifiedAt === null ? account.email : null),
    writeDecoy: (transaction, occasion) => writeDecoy(core, transaction, occasion),
    sent: events.passwordResetRequested,
    refused: events.passwordResetRefused,
  };
}

export type Recipient = { readonly account: ReachableAccount; readonly version: number | null };

/** Makes a link, and puts the mail with it into the outbox. */
export async function queueReset(
  core: Core,
  transaction: Queries,
  { account, version }: Recipient,
  occasion: Occasion,
): Promise<void> {
  const { id: accountId, email } = account;
  const { lifetime } = tokens['password-reset'];
  const token = await issueReset(
    core,
    transaction,
    { accountId, address: email, version, lifetime },
    occasion.at,
  );
  // A user may have registered with the address of another, and a name for its owner to read.
  const username = account.emailVerifiedAt === null ? null : account.username;
  const mail = resetMail(username, token, occasion);
  await core.mail.queue(transaction, { to: email, ownerId: accountId, email: mail, occasion });
}

async function writeDecoy(core: Core, transaction: Queries, occasion: Occasion): Promise<void> {
  const about = {
    purpose: tokens['password-reset'],
    accountId: null,
    data: { address: DECOY_ADDRESS, version: null },
  };
  const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
  const email = resetMail('nobody', token, occasion);
  await core.mail.queue(transaction, { to: DECOY_ADDRESS, ownerId: null, email, occasion });
}

function resetMail(username: string | null, token: string, occasion: Occasion) {
  const page = resetPagePath(token);
  return emails.resetPassword.with({
    username,
    page,
    expires: occasion.at + tokens['password-reset'].lifetime,
  });
}
