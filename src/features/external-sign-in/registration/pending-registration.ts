import { z } from 'zod';
import type { Core } from '../../../auth/core.ts';
import { LONGEST_DATA } from '../../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../../auth/one-time-tokens/purpose.ts';
import { MINUTE, SECOND } from '../../../platform/runtime/clock.ts';
import { parseEmailAddress } from '../../../platform/text/email-address.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { flowOf } from '../../../platform/web/flows.ts';
import type { ExternalIdentity } from '../client/authorization-code.ts';
import { handleOf } from '../providers/claims.ts';
import type { Provider } from '../providers/provider.ts';

export const registrationPurpose: TokenPurpose = {
  name: 'connected-registration',
  lifetime: 20 * MINUTE,
  meaning: 'Create one account for an identity that a provider has proven, in the same browser.',
};

/** A new user whom a provider has authenticated and who has no account. */
const tokenData = z.object({
  provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  handle: z.string().nullable(),
  /** The id of the federated login; the name is part of stored data. */
  vouchedId: z.string(),
  /** The proposed username. */
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** Whether the provider is trusted to have verified the address. */
  isEmailTrusted: z.boolean(),
  /** The handle of the user's invitation; the empty text without one. */
  invitation: z.string(),
});

export type PendingRegistration = z.infer<typeof tokenData>;

/** Longer texts are no names or addresses here, and a row has a maximum size. */
const MAX_NAME_LENGTH = 64;
const MAX_ADDRESS_LENGTH = 120;

/** An identity whose federated login is recorded. */
export type RecordedIdentity = ExternalIdentity & { readonly federatedLoginId: string };

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
    vouchedId: federatedLoginId,
    handle: handleOf(claims)?.slice(0, MAX_ADDRESS_LENGTH).toWellFormed() ?? null,
    name: shortName(preferred_username ?? nickname ?? name),
    email: usable,
    isEmailTrusted: usable !== null && claims.email_verified && provider.isAddressTrusted(claims),
  };
}

/** JSON of the registration, without proposals if it would be too long: JSON writes some characters as two. */
function dataOf(registration: PendingRegistration): string {
  const less = { ...registration, handle: null, name: null };
  const least = { ...less, email: null, isEmailTrusted: false };
  const [data = ''] = [registration, less, least]
    .map((known) => JSON.stringify(known))
    .filter((text) => text.length <= LONGEST_DATA);
  return data;
}

function isUsableAddress(email: string): boolean {
  return email.length <= MAX_ADDRESS_LENGTH && parseEmailAddress(email).valid;
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
  const about = { purpose: registrationPurpose, accountId: null, data: dataOf(registration) };
  const token = await oneTimeTokens.issue(database.queries, about, clock());
  const flow = flowOf(token);
  const lifetimeSeconds = registrationPurpose.lifetime / SECOND;
  flows.keep(context, { kind: 'newcomer', handle: flow, value: token, lifetimeSeconds });
  return { flow, token, registration };
}

/** Reads a pending registration of this browser by its handle, without spending the token. */
export async function readRegistration(
  { oneTimeTokens, flows, clock }: Core,
  context: RequestContext,
  flow: string,
): Promise<OpenRegistration | null> {
  const token = flows.read(context, 'newcomer', flow);
  if (token === null || flowOf(token) !== flow) return null;
  const found = await oneTimeTokens.read(registrationPurpose, token, clock());
  if (found === null) return null;
  return { flow, token, registration: tokenData.parse(JSON.parse(found.data)) };
}

export function forgetRegistration({ flows }: Core, context: RequestContext, flow: string): void {
  flows.forget(context, 'newcomer', flow);
}
