import type { Core } from '../../core/core.ts';
import { inVain, NOBODYS_ADDRESS } from '../../core/database/in-vain.ts';
import type { Queries } from '../../core/database/schema.ts';
import { deviceOf, originOf, type Submission } from '../../core/http/context.ts';
import type { Occasion } from '../../core/mail/message.ts';
import { paths } from '../../core/paths.ts';
import { type ReachableAccount, reachableAccount } from '../../core/reachable-account.ts';
import { mailOf } from '../../core/throttle/surfaces.ts';
import type { Passwords } from '../passwords/index.ts';
import { issueReset, resetPurpose } from './reset-token.ts';

/**
 * Sends the mail with the link, a few times an hour; whoever asks more often is told the same. It always goes to the
 * address as it is stored (A31). Where nobody is to get one, the same is written and taken back, so that how busy the
 * server is afterwards tells nothing either (A03).
 */
export async function sendResetMail(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  name: string,
): Promise<void> {
  const accountId = await core.accounts.find(name);
  const counted = mailOf('resets-of-account', accountId, name);
  await core.throttle({ context, counted, form, accountId }, async () => {
    const found = await reachableAccount(core, accountId);
    const occasion = core.notices.occasionOf(deviceOf(context), core.clock());
    await write(core, passwords, 'refusal' in found ? null : found, occasion);
    core.announce(
      'refusal' in found
        ? { type: 'password-reset-refused', accountId, reason: found.refusal }
        : { type: 'password-reset-requested', accountId: found.id },
      originOf(context),
    );
    return { result: null, verdict: ['resets-of-account'] };
  });
}

async function write(
  core: Core,
  passwords: Passwords,
  account: ReachableAccount | null,
  occasion: Occasion,
): Promise<void> {
  const version = await passwords.version(account?.id ?? null);
  if (account === null)
    return inVain(core.database, (transaction) => writeToNobody(core, transaction, occasion));
  await core.database.transaction((transaction) =>
    queueReset(core, transaction, { account, version }, occasion),
  );
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
  const { lifetime } = resetPurpose;
  const token = await issueReset(
    core,
    transaction,
    { accountId, address: email, version, lifetime },
    occasion.at,
  );
  // Whoever registered may have chosen the name for the eyes of a stranger.
  const username = account.emailVerifiedAt === null ? null : account.username;
  const message = resetMail(username, token, occasion);
  await core.mail.queue(transaction, { to: email, accountId, message, now: occasion.at });
}

async function writeToNobody(core: Core, transaction: Queries, occasion: Occasion): Promise<void> {
  const about = { purpose: resetPurpose, accountId: null, data: NOBODYS_ADDRESS };
  const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
  const message = resetMail('nobody', token, occasion);
  await core.mail.queue(transaction, { to: NOBODYS_ADDRESS, accountId: null, message, now: occasion.at });
}

function resetMail(username: string | null, token: string, occasion: Occasion) {
  const page = `${paths.resetPassword}?token=${token}` as const;
  const expiresAt = occasion.at + resetPurpose.lifetime;
  return { name: 'reset-password', username, page, expiresAt, occasion } as const;
}
