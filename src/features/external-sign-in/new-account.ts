import { randomInt } from 'node:crypto';
import type { AccountCreation, NewAccount } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import {
  type EmailAddress,
  newId,
  parseEmailAddress,
  parseUsername,
  type Username,
} from '../../platform/text/index.ts';
import { NO_FORM, originOf, withFlow, withNext } from '../../platform/web/index.ts';
import { createWithMail } from '../email-confirmation/index.ts';
import {
  afterRegistration,
  COUNTS_AS_REGISTERED,
  chosenInvitation,
  createEntry,
  type Entry,
  InvitationUsed,
  type Invited,
  limitRegistration,
  type NameRules,
  events as registrationEvents,
  spendInvitation,
  usernameProblem,
} from '../registration/index.ts';
import { answerFailure } from './authorization.ts';
import type { AuthorizationRequest } from './authorization-requests.ts';
import { events, tokens } from './definitions.ts';
import { completeFederatedLogin } from './federated-logins.ts';
import {
  forgetRegistration,
  type OpenRegistration,
  type PendingRegistration,
  pendingRegistrationFrom,
  planAddress,
  type RecordedIdentity,
  storeRegistration,
} from './pending-registration.ts';
import type { Provider } from './providers/provider.ts';
import { insertIdentity } from './store/identities.ts';

/** Continues a sign-in whose identity no account has. */
export type ReceiveNewUser = (
  context: RequestContext,
  provider: Provider,
  found: RecordedIdentity,
  request: Pick<AuthorizationRequest, 'next' | 'invitation'>,
) => Promise<Response>;

/** Creates an account just in time, asks for a username, or refuses, by the policies of provider and registration. */
export function createReceiveNewUser(core: Core, names: NameRules): ReceiveNewUser {
  const entryOf = createProviderEntry(core);
  return async (context, provider, found, { next, ...request }) => {
    const invitation = request.invitation === '' ? chosenInvitation(core, context) : request.invitation;
    const entry = await entryOf(context, provider, invitation);
    if (!entry.ok) {
      const failure = { reason: 'unknown', code: entry.reason } as const;
      return answerFailure(core, context, provider, failure, { intent: 'sign-in', next });
    }
    const pending = { ...pendingRegistrationFrom(provider, found), invitation };
    const open = await storeRegistration(core, context, pending);
    const isJustInTime = provider.newAccounts === 'automatic' && entry.invited === null;
    const accountId = isJustInTime ? await provisionAccount(core, names, context, open) : null;
    if (accountId === null)
      return core.pages.redirect(withFlow(withNext('/register/connected', next), open.flow));
    forgetRegistration(core, context, open.flow);
    const { federatedLoginId } = found;
    const progress = await completeFederatedLogin(
      core,
      context,
      { accountId, federatedLoginId },
      afterRegistration(core, next),
    );
    return core.pages.redirect(progress?.next ?? paths.login);
  };
}

/** The longest stem of a username that leaves room for a number, in characters. */
const MAX_STEM_LENGTH = 40;

/**
 * Just-in-time provisioning: creates an account with a username from the profile and an address that the provider has
 * proven.
 * @returns its id; null if the user has to be asked: no name is available, an address is required, or an account has it
 */
async function provisionAccount(
  core: Core,
  names: NameRules,
  context: RequestContext,
  open: OpenRegistration,
): Promise<AccountId | null> {
  const { registration } = open;
  const plan = await planAddress(core, names, registration, null);
  const mustBeAsked = plan.kind === 'asked' && (plan.isRequired || plan.held !== null);
  if (mustBeAsked) return null;
  const isEmailProven = plan.kind === 'proven';
  const email = isEmailProven ? plan.email : null;
  for (const username of usernamesFor(names, open)) {
    const choice = { username, email, isEmailProven };
    const attempt = await core.throttle(
      { context, counted: limitRegistration(context), form: NO_FORM, subject: null },
      async () => {
        const creation = await createAccount(core, { context, form: NO_FORM }, choice, open, null);
        const isExpired = !creation.ok && creation.reason === 'expired';
        return { result: creation, verdict: isExpired ? 'succeeded' : COUNTS_AS_REGISTERED };
      },
    );
    if (!attempt.ok) return null;
    const creation = attempt.result;
    if (creation.ok) {
      announceCreated(core, context, creation, registration);
      return creation.accountId;
    }
    if (creation.reason !== 'username') return null;
  }
  return null;
}

/** The available names of the profile, then the same names with numbers. */
function usernamesFor(
  names: NameRules,
  { registration: { name, email } }: OpenRegistration,
): readonly Username[] {
  const stems = usable(names, [name, email?.slice(0, email.indexOf('@')) ?? null]);
  const numbered = stems.flatMap(({ username }) => {
    const short = username.slice(0, MAX_STEM_LENGTH).toWellFormed();
    return [`${short}${randomInt(10, 100)}`, `${short}${randomInt(1_000, 1_000_000)}`];
  });
  return [...stems, ...usable(names, numbered)];
}

function usable(names: NameRules, texts: readonly (string | null)[]): readonly Username[] {
  return texts.flatMap((text) => {
    const reading = parseUsername(text ?? '');
    return reading.ok && usernameProblem(reading, names, null) === null ? [reading] : [];
  });
}

/** Whether a new user may create an account: by the policy of the provider, then by `REGISTRATION`. */
export function createProviderEntry(core: Core) {
  const entryOf = createEntry(core);
  return async (context: RequestContext, { newAccounts }: Provider, invitation: string): Promise<Entry> => {
    if (newAccounts === 'none') return { ok: false, reason: 'closed' };
    const entry = await entryOf(context, invitation);
    if (entry.ok || newAccounts !== 'automatic') return entry;
    return { ok: true, invited: null };
  };
}

/** What the user has chosen; the address is proven or has to be confirmed. */
export type Choice = Pick<NewAccount, 'username'> & {
  readonly email: EmailAddress | null;
  readonly isEmailProven: boolean;
};

export type CreatedAccount = {
  readonly accountId: AccountId;
  /** Whether the account never gets its address because another account has it; the user is not notified. */
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
class RegistrationExpired extends Error {
  override readonly name = 'RegistrationExpired';
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
  const credentials = async (transaction: Queries, accountId: AccountId) => {
    if ((await core.oneTimeTokens.spend(transaction, tokens['connected-registration'], token, now)) === null)
      throw new RegistrationExpired();
    await insertIdentity(transaction, { ...identity, accountId }).catch((error) => {
      // The identity is taken, and not a name: a registration in another browser came first.
      throw core.database.isUniqueViolation(error) ? new RegistrationExpired() : error;
    });
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
    if (choice.isEmailProven && choice.email !== null) {
      const { address } = choice.email;
      await core.accounts.confirmEmail(transaction, { accountId, address, isKept: false }, now);
    }
  };
  try {
    const creation = await create(core, submission, choice, credentials);
    if (!creation.ok) return { ok: false, reason: creation.reason };
    const isAddressTaken = 'isAddressTaken' in creation && creation.isAddressTaken === true;
    return { ok: true, accountId: creation.accountId, isAddressTaken };
  } catch (error) {
    if (error instanceof RegistrationExpired || error instanceof InvitationUsed)
      return { ok: false, reason: 'expired' };
    throw error;
  }
}

function verifiedKeyOf({ email, isEmailTrusted }: PendingRegistration): string | null {
  const reading = email === null || !isEmailTrusted ? null : parseEmailAddress(email);
  return reading?.ok === true ? reading.key : null;
}

function create(
  core: Core,
  submission: Submission,
  { username, email, isEmailProven }: Choice,
  credentials: (transaction: Queries, accountId: AccountId) => Promise<void>,
): Promise<AccountCreation | Awaited<ReturnType<typeof createWithMail>>> {
  return email === null || isEmailProven || !core.mail.isPossible
    ? core.accounts.create({ username, email }, core.clock(), credentials)
    : createWithMail(core, submission, { username, email }, credentials);
}

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
