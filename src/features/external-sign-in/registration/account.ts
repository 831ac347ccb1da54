import type { AccountCreation, NewAccount } from '../../../auth/accounts/accounts.ts';
import type { Core } from '../../../auth/core.ts';
import type { RequestContext, Submission } from '../../../auth/request-context.ts';
import type { Queries } from '../../../auth/schema.ts';
import { type EmailAddress, newId, parseEmailAddress } from '../../../platform/text/index.ts';
import { originOf } from '../../../platform/web/context.ts';
import { createWithMail } from '../../email-confirmation/index.ts';
import {
  createEntry,
  type Entry,
  emailProblem,
  InvitationGone,
  type Invited,
  type NameRules,
  events as registrationEvents,
  spendInvitation,
} from '../../registration/index.ts';
import { events, tokens } from '../definitions.ts';
import type { Provider } from '../providers/provider.ts';
import { insertIdentity } from '../store/identities.ts';
import type { OpenRegistration, PendingRegistration } from './pending-registration.ts';

/** Whether a new user may create an account: by the policy of the provider, then by `REGISTRATION`. */
export function createProviderEntry(core: Core) {
  const entryOf = createEntry(core);
  return async (context: RequestContext, { newAccounts }: Provider, invitation: string): Promise<Entry> => {
    if (newAccounts === 'none') return { admitted: false, why: 'closed' };
    const entry = await entryOf(context, invitation);
    if (entry.admitted || newAccounts !== 'automatic') return entry;
    return { admitted: true, invited: null };
  };
}

/**
 * The address of the new account. `proven`: the provider's, taken as confirmed. `asked`: one that the user types. `none`:
 * accounts have no address.
 */
export type AddressPlan =
  | { readonly kind: 'proven'; readonly email: EmailAddress }
  | {
      readonly kind: 'asked';
      readonly proposal: string;
      readonly isRequired: boolean;
      /** The proven address if an account has it; that account is never linked automatically (A18). */
      readonly held: string | null;
    }
  | { readonly kind: 'none' };

export async function planAddress(
  core: Core,
  names: NameRules,
  { email, isEmailTrusted }: PendingRegistration,
  invited: Invited | null,
): Promise<AddressPlan> {
  const { settings } = core;
  const invitedAddress = invited?.invitation.email ?? null;
  const isRequired = settings.email === 'required' || invitedAddress !== null;
  if (settings.email === 'off' && invitedAddress === null) return { kind: 'none' };
  const reading = email === null ? null : parseEmailAddress(email);
  const proposal = reading?.valid === true ? reading.address : '';
  if (!isEmailTrusted || reading?.valid !== true) return { kind: 'asked', proposal, isRequired, held: null };
  const problem = emailProblem(reading, { ...names, needsEmail: isRequired }, invited?.invitation ?? null);
  if (problem !== null) return { kind: 'asked', proposal: '', isRequired, held: null };
  if (await isHeld(core, reading)) return { kind: 'asked', proposal: '', isRequired, held: reading.address };
  return { kind: 'proven', email: reading };
}

/** An account that is past its deletion date does not hold its address. */
async function isHeld({ accounts, lifecycle, clock }: Core, { address }: EmailAddress): Promise<boolean> {
  const holder = await accounts.find(address);
  return holder !== null && !(await lifecycle.deleteIfDue(holder, clock()));
}

/** What the user has chosen; the address is proven or has to be confirmed. */
export type Choice = Pick<NewAccount, 'username'> & {
  readonly email: EmailAddress | null;
  readonly isEmailProven: boolean;
};

export type CreatedAccount = {
  readonly accountId: string;
  /** Whether the account never gets its address because another account has it; users are not told. */
  readonly isAddressTaken: boolean;
};

/**
 * `expired`: the pending registration or the invitation was spent, or the identity is linked to another account. The
 * other reasons name what is taken.
 */
export type Creation =
  | ({ readonly ok: true } & CreatedAccount)
  | { readonly ok: false; readonly reason: 'expired' | 'username' | 'email' };

/** Rolls back the transaction that would have created the account. */
class RegistrationGone extends Error {
  override readonly name = 'RegistrationGone';
}

/** Creates an account with its linked identity, and spends what permits it, all or nothing (A15, A54). */
export async function createAccount(
  core: Core,
  submission: Submission,
  choice: Choice,
  { token, registration }: OpenRegistration,
  invited: Invited | null,
): Promise<Creation> {
  const now = core.clock();
  const { provider, issuer, subject, handle } = registration;
  const verifiedEmailKey = verifiedKeyOf(registration);
  const identity = { id: newId(now), provider, issuer, subject, handle, verifiedEmailKey, now };
  const credentials = async (transaction: Queries, accountId: string) => {
    if ((await core.oneTimeTokens.spend(transaction, tokens['connected-registration'], token, now)) === null)
      throw new RegistrationGone();
    await insertIdentity(transaction, { ...identity, accountId }).catch((error) => {
      // The identity is taken, and not a name: a registration in another browser came first.
      throw core.database.isUniqueViolation(error) ? new RegistrationGone() : error;
    });
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
    if (choice.isEmailProven && choice.email !== null) {
      const { address } = choice.email;
      await core.accounts.confirmEmail(transaction, { accountId, address, isKept: false }, now);
    }
  };
  try {
    const creation = await create(core, submission, choice, credentials);
    if (!creation.created) return { ok: false, reason: creation.taken };
    const isAddressTaken = 'isAddressTaken' in creation && creation.isAddressTaken === true;
    return { ok: true, accountId: creation.accountId, isAddressTaken };
  } catch (error) {
    if (error instanceof RegistrationGone || error instanceof InvitationGone)
      return { ok: false, reason: 'expired' };
    throw error;
  }
}

function verifiedKeyOf({ email, isEmailTrusted }: PendingRegistration): string | null {
  const reading = email === null || !isEmailTrusted ? null : parseEmailAddress(email);
  return reading?.valid === true ? reading.key : null;
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

/** Announces the events of a created account. */
export function announceCreated(
  { announce }: Core,
  context: RequestContext,
  { accountId, isAddressTaken }: CreatedAccount,
  { provider }: PendingRegistration,
): void {
  const origin = originOf(context);
  // The operator may learn what the visitor must not.
  if (isAddressTaken) announce(registrationEvents.registrationRefused, { reason: 'email-taken' }, origin);
  else announce(registrationEvents.registered, { accountId }, origin);
  announce(events.identityLinked, { accountId, provider }, origin);
}
