import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { idSchema } from '../../platform/text/index.ts';
import { modelOf } from './authenticators.ts';
import { type Ceremony, createChallenges, type OpenedChallenge } from './challenges.ts';
import { ALGORITHMS, type RelyingParty, relyingPartyOf, userHandleOf } from './relying-party.ts';
import { type AuthenticationResponse, challengeIn, type RegistrationResponse } from './responses.ts';
import type { NewPasskey, Passkey, Use } from './store.ts';

/**
 * Why a response is refused. `challenge`: it answers none of this browser, account and ceremony, or one that is too old.
 * `user-not-verified`: the authenticator has not asked for PIN, fingerprint or face. `invalid`: all else.
 */
type Refusal<Reason extends string> = { readonly ok: false; readonly reason: Reason };
type ResponseRefusal = Refusal<'user-not-verified' | 'invalid'>;
type Verified<Value> =
  | ({ readonly ok: true; readonly challenge: OpenedChallenge } & Value)
  | Refusal<'challenge'>
  | ResponseRefusal;

const INVALID = { ok: false, reason: 'invalid' } as const;
const NOT_VERIFIED = { ok: false, reason: 'user-not-verified' } as const;

// Loaded by the first ceremony: a site without passkeys does without the decoders of CBOR and ASN.1.
const library = () => import('@simplewebauthn/server');

/** Verifies what an authenticator has created for a signed-in user, as the answer to a challenge. */
export async function verifyCreation(
  core: Core,
  context: RequestContext,
  { accountId, response }: { readonly accountId: AccountId; readonly response: RegistrationResponse },
): Promise<Verified<{ readonly created: NewPasskey }>> {
  const claimed = challengeIn(response.response.clientDataJSON) ?? '';
  const purpose = { ceremony: 'create', subject: accountId } as const;
  const challenge = createChallenges(core).open(context, purpose, claimed);
  if (challenge === null) return { ok: false, reason: 'challenge' };
  const checked = await checkCreation(relyingPartyOf(core), claimed, response);
  return checked.ok ? { ...checked, challenge } : checked;
}

/** Checks a response to a challenge. @see WebAuthn Level 3 §7.1 */
export async function checkCreation(
  party: RelyingParty,
  challenge: string,
  { response: { clientDataJSON, attestationObject, transports = [] }, ...response }: RegistrationResponse,
): Promise<{ readonly ok: true; readonly created: NewPasskey } | ResponseRefusal> {
  const { verifyRegistrationResponse } = await library();
  const verified = await verifyRegistrationResponse({
    // Transports are hints for browsers, which the signature does not cover.
    response: { ...response, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    supportedAlgorithmIDs: ALGORITHMS,
    requireUserVerification: false,
  }).catch(() => null);
  if (verified === null || !verified.verified) return INVALID;
  const { registrationInfo: info } = verified;
  if (!info.userVerified) return NOT_VERIFIED;
  const aaguid = idSchema.safeParse(info.aaguid);
  if (!aaguid.success) return INVALID;
  const { id: credentialId, publicKey, counter } = info.credential;
  const created = {
    credentialId,
    publicKey,
    counter,
    transports,
    name: modelOf(aaguid.data) ?? '',
    isSynced: info.credentialDeviceType === 'multiDevice',
    isBackedUp: info.credentialBackedUp,
    aaguid: aaguid.data,
  };
  return { ok: true, created };
}

type Given = {
  readonly ceremony: Exclude<Ceremony, 'create'>;
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
): Promise<Verified<{ readonly use: Omit<Use, 'now'> }>> {
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

/**
 * Checks the signature of a passkey. The counter is left to the statement that notes the use, which decides between two
 * requests at once.
 * @see WebAuthn Level 3 §7.2
 */
export async function checkUse(
  party: RelyingParty,
  challenge: string,
  { credentialId: id, publicKey }: Pick<Passkey, 'credentialId' | 'publicKey'>,
  { response: { clientDataJSON, authenticatorData, signature }, ...response }: AuthenticationResponse,
): Promise<{ readonly ok: true; readonly use: Omit<Use, 'now'> } | ResponseRefusal> {
  const { verifyAuthenticationResponse } = await library();
  const signed = { clientDataJSON, authenticatorData, signature };
  const verified = await verifyAuthenticationResponse({
    response: { ...response, response: signed, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
    requireUserVerification: false,
  }).catch(() => null);
  if (verified === null || !verified.verified) return INVALID;
  const { userVerified, newCounter: counter, credentialBackedUp: isBackedUp } = verified.authenticationInfo;
  return userVerified ? { ok: true, use: { counter, isBackedUp } } : NOT_VERIFIED;
}
