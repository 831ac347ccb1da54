import type { AccountCreation, NewAccount } from '../../../auth/accounts/accounts.ts';
import type { Core } from '../../../auth/core.ts';
import type { Queries } from '../../../auth/schema.ts';
import { type EmailAddress, parseEmailAddress } from '../../../platform/text/email-address.ts';
import { newId } from '../../../platform/text/uuid.ts';
import { originOf, type RequestContext, type Submission } from '../../../platform/web/context.ts';
import { createWithMail } from '../../email-confirmation/index.ts';
import { InvitationGone, type Invited, spendInvitation } from '../../registration/index.ts';
import { insertIdentity } from '../store.ts';
import { type Newcomer, newcomerPurpose, type WaitingNewcomer } from './newcomer.ts';

/** What somebody has chosen; their address is confirmed already, or is to be. */
export type Choice = Pick<NewAccount, 'username'> & {
  readonly email: EmailAddress | null;
  readonly isEmailProven: boolean;
};

export type Made = {
  readonly accountId: string;
  /** Whether the account never gets its address, because another one has it; nobody who asks is told. */
  readonly isAddressTaken: boolean;
};

/** `gone`: what the account was to be made with was spent meanwhile, or the identity has got another account. */
export type Making = Made | 'gone' | 'invitation-gone' | { readonly taken: 'username' | 'email' };

/** Thrown out of the transaction that would have made the account. */
class NewcomerGone extends Error {}

/** Makes an account that is entered by way of a provider, and spends what allows it, all or nothing (A15, A54). */
export async function makeAccount(
  core: Core,
  submission: Submission,
  choice: Choice,
  { token, newcomer }: WaitingNewcomer,
  invited: Invited | null,
): Promise<Making> {
  const now = core.clock();
  const { provider, issuer, subject, handle } = newcomer;
  const verifiedEmailKey = verifiedKeyOf(newcomer);
  const identity = { id: newId(now), provider, issuer, subject, handle, verifiedEmailKey, now };
  const credentials = async (transaction: Queries, accountId: string) => {
    if ((await core.oneTimeTokens.spend(transaction, newcomerPurpose, token, now)) === null)
      throw new NewcomerGone();
    await insertIdentity(transaction, { ...identity, accountId }).catch((error) => {
      // Not one of the names is taken, but the identity: somebody was faster, in another browser.
      throw core.database.isUniqueViolation(error) ? new NewcomerGone() : error;
    });
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
    if (choice.isEmailProven && choice.email !== null) {
      const { address } = choice.email;
      await core.accounts.confirmEmail(transaction, { accountId, address, isKept: false }, now);
    }
  };
  try {
    const creation = await create(core, submission, choice, credentials);
    if (!creation.created) return { taken: creation.taken };
    const isAddressTaken = 'isAddressTaken' in creation && creation.isAddressTaken === true;
    return { accountId: creation.accountId, isAddressTaken };
  } catch (error) {
    if (error instanceof NewcomerGone) return 'gone';
    if (error instanceof InvitationGone) return 'invitation-gone';
    throw error;
  }
}

function verifiedKeyOf({ email, isEmailTrusted }: Newcomer): string | null {
  const reading = email === null || !isEmailTrusted ? null : parseEmailAddress(email);
  return reading?.valid === true ? reading.key : null;
}

/** Tells observers of an account that was made for a newcomer. */
export function announceMade(
  { announce }: Core,
  context: RequestContext,
  { accountId, isAddressTaken }: Made,
  { provider }: Newcomer,
): void {
  const origin = originOf(context);
  // What the visitor must not learn, whoever runs the site may.
  if (isAddressTaken) announce({ type: 'registration-refused', reason: 'email-taken' }, origin);
  else announce({ type: 'registered', accountId }, origin);
  announce({ type: 'identity-linked', accountId, provider }, origin);
}

function create(
  core: Core,
  submission: Submission,
  { username, email, isEmailProven }: Choice,
  credentials: (transaction: Queries, accountId: string) => Promise<void>,
): Promise<AccountCreation | Awaited<ReturnType<typeof createWithMail>>> {
  return email === null || isEmailProven || !core.mail.isPossible
    ? core.accounts.create({ username, email }, core.clock(), credentials)
    : createWithMail(core, submission, { username, email }, credentials);
}
