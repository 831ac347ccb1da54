import { z } from 'zod';
import type { Core } from '../../../auth/core.ts';
import { LONGEST_DATA } from '../../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../../auth/one-time-tokens/purpose.ts';
import { MINUTE, SECOND } from '../../../platform/runtime/clock.ts';
import { parseEmailAddress } from '../../../platform/text/email-address.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { flowOf } from '../../../platform/web/flows.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import { handleOf } from '../providers/claims.ts';
import type { Provider } from '../providers/provider.ts';

export const newcomerPurpose: TokenPurpose = {
  name: 'connected-registration',
  lifetime: 20 * MINUTE,
  meaning: 'Create one account for an identity that a provider has proven, in the same browser.',
};

/** Somebody whom a provider has proven to be one of its people, and who has no account here. */
const newcomerSchema = z.object({
  provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  handle: z.string().nullable(),
  /** The sign-in with which they came. */
  vouchedId: z.string(),
  /** What to propose as a username. */
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** Whether the provider is believed that the address is theirs. */
  isEmailTrusted: z.boolean(),
  /** The handle of the invitation that they came with; the empty text without one. */
  invitation: z.string(),
});

export type Newcomer = z.infer<typeof newcomerSchema>;

/** Longer ones are no names or addresses here, and what is kept of all of it has an end. */
const LONGEST_NAME = 64;
const LONGEST_ADDRESS = 120;

/** Somebody whom a provider has vouched for, in a sign-in that was noted. */
export type VouchedIdentity = ExternalIdentity & { readonly vouchedId: string };

export function newcomerFrom(
  provider: Provider,
  { issuer, subject, claims, vouchedId }: VouchedIdentity,
): Omit<Newcomer, 'invitation'> {
  const { email, preferred_username, nickname, name } = claims;
  const usable = email !== undefined && isUsableAddress(email) ? email : null;
  return {
    provider: provider.name,
    issuer,
    subject,
    vouchedId,
    handle: handleOf(claims)?.slice(0, LONGEST_ADDRESS).toWellFormed() ?? null,
    name: shortName(preferred_username ?? nickname ?? name),
    email: usable,
    isEmailTrusted: usable !== null && claims.email_verified && provider.isAddressTrusted(claims),
  };
}

/** JSON of what is known, without what is only proposed where that would be too long: it makes two characters of some. */
function dataOf(newcomer: Newcomer): string {
  const less = { ...newcomer, handle: null, name: null };
  const least = { ...less, email: null, isEmailTrusted: false };
  const [data = ''] = [newcomer, less, least]
    .map((known) => JSON.stringify(known))
    .filter((text) => text.length <= LONGEST_DATA);
  return data;
}

function isUsableAddress(email: string): boolean {
  return email.length <= LONGEST_ADDRESS && parseEmailAddress(email).valid;
}

// Without control characters, of which JSON makes six each.
function shortName(name: string | undefined): string | null {
  return (
    name
      ?.replace(/\p{Cc}/gu, '')
      .slice(0, LONGEST_NAME)
      .toWellFormed() ?? null
  );
}

/** Lets a newcomer choose a username: what is known of them waits in the database, and its token in this browser. */
export async function keepNewcomer(
  { oneTimeTokens, database, flows, clock }: Core,
  context: RequestContext,
  newcomer: Newcomer,
): Promise<WaitingNewcomer> {
  const about = { purpose: newcomerPurpose, accountId: null, data: dataOf(newcomer) };
  const token = await oneTimeTokens.issue(database.queries, about, clock());
  const flow = flowOf(token);
  const lifetimeSeconds = newcomerPurpose.lifetime / SECOND;
  flows.keep(context, { kind: 'newcomer', handle: flow, value: token, lifetimeSeconds });
  return { flow, token, newcomer };
}

export type WaitingNewcomer = {
  /** The handle that the form carries. */
  readonly flow: string;
  readonly token: string;
  readonly newcomer: Newcomer;
};

/** A newcomer of this browser, by the handle, or null; nothing is spent. */
export async function readNewcomer(
  { oneTimeTokens, flows, clock }: Core,
  context: RequestContext,
  flow: string,
): Promise<WaitingNewcomer | null> {
  const token = flows.read(context, 'newcomer', flow);
  if (token === null || flowOf(token) !== flow) return null;
  const found = await oneTimeTokens.read(newcomerPurpose, token, clock());
  if (found === null) return null;
  return { flow, token, newcomer: newcomerSchema.parse(JSON.parse(found.data)) };
}

export function forgetNewcomer({ flows }: Core, context: RequestContext, flow: string): void {
  flows.forget(context, 'newcomer', flow);
}
