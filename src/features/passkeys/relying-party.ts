import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import type { Creation } from './challenges.ts';
import { hasDomain, passkeySettings } from './settings.ts';
import type { Passkey } from './store.ts';

/** Whom passkeys are for, in the terms of WebAuthn. */
export type RelyingParty = {
  readonly id: string;
  readonly name: string;
  /** Whose pages may use them. */
  readonly origins: readonly string[];
};

export function relyingPartyOf({ settings, settingsOf, site }: Core): RelyingParty {
  const { baseUrl } = settings;
  const { passkeyRpId, passkeyOrigins } = settingsOf(passkeySettings);
  return {
    id: passkeyRpId ?? baseUrl.hostname,
    name: site.name,
    origins: [baseUrl.origin, ...passkeyOrigins],
  };
}

/** Whether users can have passkeys here. */
export function arePasskeysOn({ settings, settingsOf }: Pick<Core, 'settings' | 'settingsOf'>): boolean {
  return settingsOf(passkeySettings).passkeys === 'on' && hasDomain(settings.baseUrl);
}

/** How long browsers wait for the user. @see WebAuthn Level 3 §15.1 */
const TIMEOUT = 5 * MINUTE;

/**
 * The algorithms that are accepted, the preferred one first: EdDSA, ES256 and RS256 (Windows Hello).
 * @see WebAuthn Level 3 §5.4, `pubKeyCredParams`
 */
export const ALGORITHMS = [-8, -7, -257];

/** How authenticators know an account: 16 bytes that say nothing about its user (WebAuthn Level 3 §14.6.1). */
export function userHandleOf(accountId: AccountId): string {
  return Buffer.from(idToBytes(accountId)).toString('base64url');
}

type Descriptor = Pick<Passkey, 'credentialId' | 'transports'>;

const descriptorOf = ({ credentialId: id, transports }: Descriptor) => ({
  type: 'public-key',
  id,
  transports,
});

type CreationUser = { readonly id: AccountId; readonly username: string };

/**
 * What is asked of the authenticator. A key that signs in without a password has to be stored by it; one beside a password is
 * where it can. The user is verified, unless the browser creates the key by itself, without a question (§5.1.3, step 4).
 */
const SELECTION = {
  create: { residentKey: 'preferred', userVerification: 'required' },
  setup: { residentKey: 'preferred', userVerification: 'required' },
  register: { residentKey: 'required', userVerification: 'required' },
  upgrade: { residentKey: 'required', userVerification: 'preferred' },
} as const satisfies Readonly<Record<Creation, object>>;

/**
 * The options for `navigator.credentials.create`, in JSON. No attestation is asked for: which authenticator it is proves
 * nothing to this site.
 * @see WebAuthn Level 3 §5.1.9, `PublicKeyCredentialCreationOptionsJSON`
 */
export function creationOptions({ id, name }: RelyingParty, request: CreationRequest) {
  const { ceremony, challenge, user, existing } = request;
  return {
    challenge,
    rp: { id, name },
    user: { id: userHandleOf(user.id), name: user.username, displayName: user.username },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: TIMEOUT,
    excludeCredentials: existing.map(descriptorOf),
    authenticatorSelection: SELECTION[ceremony],
    attestation: 'none',
  };
}

type CreationRequest = {
  readonly ceremony: Creation;
  readonly challenge: string;
  readonly user: CreationUser;
  /** Passkeys that the account has: an authenticator with one of them creates no other. */
  readonly existing: readonly Descriptor[];
};

/**
 * The options for `navigator.credentials.get`, in JSON.
 * @param allowed the passkeys of an account; null before it is known, so that nothing is said about any account (A03)
 * @see WebAuthn Level 3 §5.1.9, `PublicKeyCredentialRequestOptionsJSON`
 */
export function requestOptions(
  { id: rpId }: RelyingParty,
  { challenge, allowed }: { readonly challenge: string; readonly allowed: readonly Descriptor[] | null },
) {
  return {
    challenge,
    rpId,
    timeout: TIMEOUT,
    allowCredentials: (allowed ?? []).map(descriptorOf),
    userVerification: 'required',
  };
}
