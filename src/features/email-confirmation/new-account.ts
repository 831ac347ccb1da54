import type { Account, AccountCreation, NewAccount } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { type KeyedLimit, widestNetwork } from '../../platform/rate-limit/index.ts';
import type { EmailAddress } from '../../platform/text/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { withinMailboxBudget } from '../requested-mail/index.ts';
import { markBrowser } from './browser.ts';
import { expiryFor } from './confirmation.ts';
import { emails, limits, tokens } from './definitions.ts';
import { queueConfirmation } from './sending.ts';

type AddressedAccount = Pick<NewAccount, 'username' | 'id'> & { readonly email: EmailAddress };
type Credentials = (transaction: Queries, accountId: AccountId) => Promise<void>;

/** An account that was created; `isAddressTaken` is for the audit log, and never for the client. */
export type MailedCreation =
  | (Extract<AccountCreation, { ok: true }> & { readonly isAddressTaken: boolean })
  | Extract<AccountCreation, { ok: false }>;

/**
 * Makes an account and writes to its address, in one transaction. Where addresses have to be confirmed, one that another
 * account has makes no difference that its visitor could see: an account is made that never gets the address and is
 * deleted a day later, and the mail goes to the owner of the address (A03).
 */
export async function createWithMail(
  core: Core,
  { context }: Submission,
  account: AddressedAccount,
  credentials: Credentials,
): Promise<MailedCreation> {
  await deleteOverdueHolders(core, context, account);
  const holder = await holderOf(core, account.email);
  const isConfirmed = holder !== null && holder.emailVerifiedAt !== null;
  const others = [limitMail(account.email.key, isConfirmed, context)];
  const making: Making = { context, account, credentials, browser: markBrowser(core, context) };
  const mail = { address: account.email.address, others };
  return withinMailboxBudget(core, context, mail, async (isMailed) => {
    const creation = await create(core, making, isMailed);
    return { result: creation, isSent: creation.ok };
  });
}

/**
 * The limit of mails to an address because a client registers with it. One client does not keep others from registering;
 * the owner of a confirmed address gets the same few from all clients together.
 */
function limitMail(key: string, isConfirmed: boolean, { address }: RequestContext): KeyedLimit {
  const from = isConfirmed ? null : widestNetwork(address);
  return { limit: limits['registration-mails'], key: from === null ? key : `${key} ${from}` };
}

/**
 * Frees the address of a new account, and the name, too: whether the account of yesterday had the address must not show in when
 * its name becomes free (A67).
 */
export async function deleteOverdueHolders(
  core: Core,
  context: RequestContext,
  { username, email }: Pick<AddressedAccount, 'username' | 'email'>,
): Promise<void> {
  await deleteIfOverdue(core, context, email.address);
  await deleteIfOverdue(core, context, username.username);
}

/** An account that was not confirmed in time, or is otherwise overdue, gives its name and address away. */
async function deleteIfOverdue(core: Core, context: RequestContext, nameOrAddress: string): Promise<void> {
  const accountId = await core.accounts.find(nameOrAddress);
  if (accountId === null || !(await core.lifecycle.deleteIfDue(accountId, core.clock()))) return;
  core.announce(authEvents.accountDeleted, { accountId }, originOf(context));
}

type Making = {
  readonly context: RequestContext;
  readonly account: AddressedAccount;
  readonly credentials: Credentials;
  readonly browser: string;
};

async function create(core: Core, making: Making, isMailed: boolean): Promise<MailedCreation> {
  const holder = await holderOf(core, making.account.email);
  const creation = await insert(core, making, { holder, isMailed });
  const isRequired = core.settings.email === 'required';
  if (creation.ok || creation.reason === 'username' || !isRequired || holder !== null) return creation;
  // Another user has taken the address at this moment.
  return insert(core, making, { holder: await holderOf(core, making.account.email), isMailed });
}

async function holderOf({ accounts, settings }: Core, { address }: EmailAddress): Promise<Account | null> {
  const accountId = settings.email === 'required' ? await accounts.find(address) : null;
  return accountId === null ? null : accounts.read(accountId);
}

type Situation = { readonly holder: Account | null; readonly isMailed: boolean };

async function insert(
  core: Core,
  { context, account, credentials, browser }: Making,
  { holder, isMailed }: Situation,
): Promise<MailedCreation> {
  const occasion = core.notices.occasionOf(clientOf(context), core.clock());
  const until = occasion.at + tokens['email-confirmation'].lifetime;
  const isAddressTaken = holder !== null;
  const unconfirmed = core.settings.email === 'required' ? { unconfirmed: { until, isAddressTaken } } : {};
  const { address } = account.email;
  const creation = await core.accounts.create(
    { ...account, ...unconfirmed },
    occasion.at,
    async (transaction, accountId) => {
      await credentials(transaction, accountId);
      if (!isMailed) return;
      if (holder !== null) return notifyHolder(core, transaction, holder, occasion);
      const confirmation = { accountId, address, browser, expiresAt: until };
      await queueConfirmation(core, transaction, confirmation, occasion);
    },
  );
  return creation.ok ? { ...creation, isAddressTaken } : creation;
}

/** An owner who has not confirmed the address has most likely lost the mail, and gets it again, without a username. */
async function notifyHolder(core: Core, transaction: Queries, holder: Account, occasion: Occasion) {
  const { id: accountId, username, email } = holder;
  if (email === null) return;
  if (holder.emailVerifiedAt === null) {
    const expiresAt = expiryFor(holder.deleteAt, occasion.at);
    const confirmation = { accountId, address: email, browser: null, expiresAt };
    return queueConfirmation(core, transaction, confirmation, occasion);
  }
  const pages = { page: paths.login, resetPage: paths.forgotPassword } as const;
  const notice = emails.registrationAttempted.with({ username, ...pages });
  await core.mail.queue(transaction, { to: email, ownerId: accountId, email: notice, occasion });
}
