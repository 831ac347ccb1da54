import { idSchema } from '../../platform/text/index.ts';
import { modelOf } from './authenticators.ts';
import { ALGORITHMS, type RelyingParty } from './relying-party.ts';
import type { AuthenticationResponse, RegistrationResponse } from './responses.ts';
import type { NewPasskey, NotedUse, Passkey } from './store.ts';

/** `user-not-verified`: the authenticator has not asked for PIN, fingerprint or face. */
export type ResponseRefusal = { readonly ok: false; readonly reason: 'user-not-verified' | 'invalid' };

export const INVALID: ResponseRefusal = { ok: false, reason: 'invalid' };
const NOT_VERIFIED: ResponseRefusal = { ok: false, reason: 'user-not-verified' };

// Loaded by the first ceremony: a site without passkeys does without the decoders of CBOR and ASN.1.
const library = () => import('@simplewebauthn/server');

type Created = {
  readonly challenge: string;
  readonly response: RegistrationResponse;
  /** Whether the browser has created it by itself, without a question to its user (§7.1, steps 15 and 16). */
  readonly isConditional: boolean;
};

/**
 * Checks a response to a challenge. Each use verifies the user, also of a passkey that was created without.
 * @see WebAuthn Level 3 §7.1
 */
export async function checkCreation(
  party: RelyingParty,
  { challenge, response: given, isConditional }: Created,
): Promise<{ readonly ok: true; readonly created: NewPasskey } | ResponseRefusal> {
  const { verifyRegistrationResponse } = await library();
  const { response: content, ...response } = given;
  const { clientDataJSON, attestationObject, transports = [] } = content;
  const verified = await verifyRegistrationResponse({
    // Transports are hints for browsers, which the signature does not cover.
    response: { ...response, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    supportedAlgorithmIDs: ALGORITHMS,
    requireUserPresence: !isConditional,
    requireUserVerification: false,
  }).catch(() => null);
  if (verified === null || !verified.verified) return INVALID;
  const { registrationInfo: info } = verified;
  if (!info.userVerified && !isConditional) return NOT_VERIFIED;
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
): Promise<{ readonly ok: true; readonly use: Omit<NotedUse, 'now'> } | ResponseRefusal> {
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
