import type { Core } from '../../auth/core.ts';
import { LONGEST_DATA } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { type EmailAddress, parseEmailAddress } from '../../platform/text/index.ts';
import { flowOf } from '../../platform/web/index.ts';
import { emailProblem, type Invited, type NameRules } from '../registration/index.ts';
import type { ExternalIdentity } from './client/authorization-code.ts';
import { cookies, tokens } from './definitions.ts';
import type { FederatedLoginId } from './federated-login-id.ts';
import { handleOf } from './providers/claims.ts';
import type { Provider } from './providers/provider.ts';

const purpose = tokens['connected-registration'];

/** A new user of a provider, who has no account yet. */
export type PendingRegistration = ReturnType<(typeof purpose)['decode']>;

/** Longer texts are no names or addresses here, and a row has a maximum size. */
const MAX_NAME_LENGTH = 64;
const MAX_ADDRESS_LENGTH = 120;

/** An identity whose federated login is recorded. */
export type RecordedIdentity = ExternalIdentity & { readonly federatedLoginId: FederatedLoginId };

export function pendingRegistrationFrom(
  provider: Provider,
  { issuer, subject, claims, federatedLoginId }: RecordedIdentity,
): Omit<PendingRegistration, 'invitation'> {
  const { email, preferred_username, nickname, name } = claims;
  const usable = email !== undefined && isUsableAddress(email) ? email : null;
  return {
    provider: provider.name,
    issuer,
    subject,
    federatedLoginId,
    handle: handleOf(claims)?.slice(0, MAX_ADDRESS_LENGTH).toWellFormed() ?? null,
    name: shortName(preferred_username ?? nickname ?? name),
    email: usable,
    isEmailTrusted: usable !== null && claims.email_verified && provider.isAddressTrusted(claims),
  };
}

/** The registration, without proposals if it would be too long: JSON writes some characters as two. */
function shortened(registration: PendingRegistration): PendingRegistration {
  const less = { ...registration, handle: null, name: null };
  const least = { ...less, email: null, isEmailTrusted: false };
  return [registration, less].find((data) => purpose.encode(data).length <= LONGEST_DATA) ?? least;
}

function isUsableAddress(email: string): boolean {
  return email.length <= MAX_ADDRESS_LENGTH && parseEmailAddress(email).ok;
}

/** Without control characters, which JSON writes as six characters each. */
function shortName(name: string | undefined): string | null {
  return (
    name
      ?.replace(/\p{Cc}/gu, '')
      .slice(0, MAX_NAME_LENGTH)
      .toWellFormed() ?? null
  );
}

/** A pending registration of this browser. */
export type OpenRegistration = {
  /** The handle that the form carries. */
  readonly flow: string;
  readonly token: string;
  readonly registration: PendingRegistration;
};

/** Stores a pending registration in the database and its token in this browser. */
export async function storeRegistration(
  { oneTimeTokens, database, flows, clock }: Core,
  context: RequestContext,
  registration: PendingRegistration,
): Promise<OpenRegistration> {
  const about = { purpose, accountId: null, data: shortened(registration) };
  const token = await oneTimeTokens.issue(database.queries, about, clock());
  const flow = flowOf(token);
  const lifetimeSeconds = purpose.lifetime / SECOND;
  flows.keep(context, { kind: cookies.federated, handle: flow, value: token, lifetimeSeconds });
  return { flow, token, registration };
}

/** Reads a pending registration of this browser by its handle, without spending the token. */
export async function readRegistration(
  { oneTimeTokens, flows, clock }: Core,
  context: RequestContext,
  flow: string,
): Promise<OpenRegistration | null> {
  const token = flows.read(context, cookies.federated, flow);
  if (token === null || flowOf(token) !== flow) return null;
  const found = await oneTimeTokens.read(purpose, token, clock());
  if (found === null) return null;
  return { flow, token, registration: found.data };
}

export function forgetRegistration({ flows }: Core, context: RequestContext, flow: string): void {
  flows.forget(context, cookies.federated, flow);
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
  const proposal = reading?.ok === true ? reading.address : '';
  if (!isEmailTrusted || reading?.ok !== true) return { kind: 'asked', proposal, isRequired, held: null };
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
