import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { idSchema } from '../../platform/text/index.ts';
import { modelOf } from './authenticators.ts';
import { type Ceremony, createChallenges, type OpenedChallenge } from './challenges.ts';
import { ALGORITHMS, relyingPartyOf, userHandleOf } from './relying-party.ts';
import { type AuthenticationResponse, challengeIn, type RegistrationResponse } from './responses.ts';
import type { NewPasskey, Passkey, Use } from './store.ts';

/**
 * Why a response is refused. `challenge`: it answers none of this browser, account and ceremony, or one that is too old.
 * `user-not-verified`: the authenticator has not asked for PIN, fingerprint or face. `invalid`: all else.
 */
export type CeremonyRefusal = 'challenge' | 'user-not-verified' | 'invalid';

type Verified<Value> =
  | ({ readonly ok: true; readonly challenge: OpenedChallenge } & Value)
  | { readonly ok: false; readonly reason: CeremonyRefusal };

// Loaded by the first ceremony: a site without passkeys does without the decoders of CBOR and ASN.1.
const library = () => import('@simplewebauthn/server');

/** Checks what an authenticator has created for a signed-in user. @see WebAuthn Level 3 §7.1 */
export async function verifyCreation(
  core: Core,
  context: RequestContext,
  { accountId, response }: { readonly accountId: AccountId; readonly response: RegistrationResponse },
): Promise<Verified<{ readonly created: NewPasskey }>> {
  const party = relyingPartyOf(core);
  const claimed = challengeIn(response.response.clientDataJSON) ?? '';
  const purpose = { ceremony: 'create', subject: accountId } as const;
  const challenge = createChallenges(core).open(context, purpose, claimed);
  if (challenge === null) return { ok: false, reason: 'challenge' };
  const { verifyRegistrationResponse } = await library();
  const verified = await verifyRegistrationResponse({
    response: { ...response, response: withoutTransports(response), clientExtensionResults: {} },
    expectedChallenge: claimed,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    supportedAlgorithmIDs: ALGORITHMS,
    requireUserVerification: false,
  }).catch(() => null);
  if (verified === null || !verified.verified) return { ok: false, reason: 'invalid' };
  const info = verified.registrationInfo;
  if (!info.userVerified) return { ok: false, reason: 'user-not-verified' };
  const aaguid = idSchema.safeParse(info.aaguid);
  if (!aaguid.success) return { ok: false, reason: 'invalid' };
  const { id: credentialId, publicKey, counter } = info.credential;
  const created = {
    credentialId,
    publicKey,
    counter,
    transports: response.response.transports ?? [],
    name: modelOf(aaguid.data) ?? '',
    isSynced: info.credentialDeviceType === 'multiDevice',
    isBackedUp: info.credentialBackedUp,
    aaguid: aaguid.data,
  };
  return { ok: true, challenge, created };
}

/** Transports are hints for browsers, which the signature does not cover. */
function withoutTransports({ response }: RegistrationResponse) {
  const { clientDataJSON, attestationObject } = response;
  return { clientDataJSON, attestationObject };
}

type Given = {
  readonly ceremony: Exclude<Ceremony, 'create'>;
  /** The account that the ceremony is about; null where the passkey says whose it is. */
  readonly subject: AccountId | null;
  readonly passkey: Passkey;
  readonly response: AuthenticationResponse;
};

/**
 * Checks the signature of a passkey. The counter is left to the statement that notes the use, which decides between two
 * requests at once.
 * @see WebAuthn Level 3 §7.2
 */
export async function verifyUse(
  core: Core,
  context: RequestContext,
  { ceremony, subject, passkey, response }: Given,
): Promise<Verified<{ readonly use: Omit<Use, 'now'> }>> {
  const party = relyingPartyOf(core);
  const { clientDataJSON, authenticatorData, signature, userHandle } = response.response;
  const claimed = challengeIn(clientDataJSON) ?? '';
  const challenge = createChallenges(core).open(context, { ceremony, subject }, claimed);
  if (challenge === null) return { ok: false, reason: 'challenge' };
  if (subject !== null && subject !== passkey.accountId) return { ok: false, reason: 'invalid' };
  // An authenticator without the account in its memory names none (§7.2, step 6).
  if (userHandle && userHandle !== userHandleOf(passkey.accountId)) return { ok: false, reason: 'invalid' };
  const { verifyAuthenticationResponse } = await library();
  const verified = await verifyAuthenticationResponse({
    response: {
      ...response,
      response: { clientDataJSON, authenticatorData, signature },
      clientExtensionResults: {},
    },
    expectedChallenge: claimed,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    requireUserVerification: false,
  }).catch(() => null);
  if (verified === null || !verified.verified) return { ok: false, reason: 'invalid' };
  const { userVerified, newCounter: counter, credentialBackedUp: isBackedUp } = verified.authenticationInfo;
  if (!userVerified) return { ok: false, reason: 'user-not-verified' };
  return { ok: true, challenge, use: { counter, isBackedUp } };
}
