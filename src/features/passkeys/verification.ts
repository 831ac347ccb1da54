import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Username } from '../../platform/text/index.ts';
import { type Creation, createChallenges, type OpenedChallenge, type Use } from './challenges.ts';
import { checkCreation, checkUse, INVALID, type ResponseRefusal } from './checks.ts';
import { relyingPartyOf, userHandleOf } from './relying-party.ts';
import { type AuthenticationResponse, challengeIn, type RegistrationResponse } from './responses.ts';
import type { NewPasskey, NotedUse, Passkey } from './store.ts';

type Verified<Value> =
  | ({ readonly ok: true; readonly challenge: OpenedChallenge } & Value)
  /** It answers no challenge of this browser, account and ceremony, or one that is too old. */
  | { readonly ok: false; readonly reason: 'challenge' }
  | ResponseRefusal;

/** What a passkey is created for: an account that exists, or the username of one that will. */
export type CreationPurpose =
  | { readonly ceremony: Exclude<Creation, 'register'>; readonly subject: AccountId }
  | { readonly ceremony: 'register'; readonly username: Username };

/** Verifies what an authenticator has created, as the answer to a challenge. */
export async function verifyCreation(
  core: Core,
  context: RequestContext,
  purpose: CreationPurpose,
  response: RegistrationResponse,
): Promise<Verified<{ readonly created: NewPasskey }>> {
  const claimed = challengeIn(response.response.clientDataJSON) ?? '';
  const challenge = createChallenges(core).open(context, purpose, claimed);
  if (challenge === null) return { ok: false, reason: 'challenge' };
  const isConditional = purpose.ceremony === 'upgrade';
  const checked = await checkCreation(relyingPartyOf(core), { challenge: claimed, response, isConditional });
  return checked.ok ? { ...checked, challenge } : checked;
}

type Given = {
  readonly ceremony: Use;
  /** The account that the ceremony is about; null where the passkey says whose it is. */
  readonly subject: AccountId | null;
  readonly passkey: Passkey;
  readonly response: AuthenticationResponse;
};

/** Verifies a use of a passkey as the answer to a challenge. */
export async function verifyUse(
  core: Core,
  context: RequestContext,
  { ceremony, subject, passkey, response }: Given,
): Promise<Verified<{ readonly use: Omit<NotedUse, 'now'> }>> {
  const { clientDataJSON, userHandle } = response.response;
  const claimed = challengeIn(clientDataJSON) ?? '';
  const challenge = createChallenges(core).open(context, { ceremony, subject }, claimed);
  if (challenge === null) return { ok: false, reason: 'challenge' };
  if (subject !== null && subject !== passkey.accountId) return INVALID;
  // An authenticator without the account in its memory names none (§7.2, step 6).
  if (userHandle && userHandle !== userHandleOf(passkey.accountId)) return INVALID;
  const checked = await checkUse(relyingPartyOf(core), claimed, passkey, response);
  return checked.ok ? { ...checked, challenge } : checked;
}
