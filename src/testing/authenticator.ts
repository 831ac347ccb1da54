import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { z } from 'zod';

const descriptors = z.array(z.object({ id: z.string() }));

/** What this authenticator reads of `PublicKeyCredentialCreationOptionsJSON`. */
const creation = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string() }),
  user: z.object({ id: z.string() }),
  excludeCredentials: descriptors.default([]),
});

/** The same of `PublicKeyCredentialRequestOptionsJSON`. */
const request = z.object({
  challenge: z.string(),
  rpId: z.string(),
  allowCredentials: descriptors.default([]),
});

export type TestAuthenticatorOptions = {
  /** The origin of the page that asks for passkeys, such as `https://example.org`. */
  readonly origin: string;
  /** Whether it checks that its user is there, by a PIN or a finger; true unless given. */
  readonly isUserVerified?: boolean;
  /** Whether its user is there at all, which a password manager that creates a passkey by itself does not ask; true unless given. */
  readonly isUserPresent?: boolean;
  /** Whether its passkeys are on several devices, as those of password managers; true unless given. */
  readonly isSynced?: boolean;
  /** Whether it counts its signatures, as security keys do; false unless given. */
  readonly isCounting?: boolean;
  /** Its model; zeros unless given. */
  readonly aaguid?: string;
};

/** A response as `PublicKeyCredential.toJSON()` returns it; `JSON.stringify` makes the field `credential` of it. */
export type TestPasskeyResponse = {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: Readonly<Record<string, string | readonly string[]>>;
  readonly clientExtensionResults: Readonly<Record<string, unknown>>;
};

export type TestAuthenticator = {
  /**
   * Creates a passkey.
   * @param options what `POST /api/account/passkeys` returns as `options`
   * @param other how it behaves this time
   * @throws {Error} where it has one of the account already
   */
  readonly create: (options: unknown, other?: Behaviour) => TestPasskeyResponse;
  /**
   * Uses the passkey that was created last, or that the options name.
   * @param options such as `POST /api/login/passkey` returns as `options`
   * @param other how it behaves this time
   * @throws {Error} where it has none of that site
   */
  readonly get: (options: unknown, other?: Behaviour) => TestPasskeyResponse;
};

type Behaviour = Partial<TestAuthenticatorOptions>;

type Key = {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  count: number;
};

/** Flags of the authenticator data. @see WebAuthn Level 3 §6.1 */
const FLAG = { userPresent: 1, userVerified: 4, backupEligible: 8, backedUp: 16, attested: 64 } as const;

/**
 * An authenticator in software, for tests of an application without a browser: passkeys with ES256 and without attestation.
 * Its keys are in memory alone.
 */
export function createTestAuthenticator(given: TestAuthenticatorOptions): TestAuthenticator {
  const keys: Key[] = [];
  return {
    create: (options, other) => create(keys, { ...given, ...other }, creation.parse(options)),
    get: (options, other) => get(keys, { ...given, ...other }, request.parse(options)),
  };
}

function create(
  keys: Key[],
  given: TestAuthenticatorOptions,
  { challenge, rp, user, excludeCredentials }: z.output<typeof creation>,
): TestPasskeyResponse {
  if (keys.some(({ id }) => excludeCredentials.some((excluded) => excluded.id === id)))
    throw new Error('the authenticator has a passkey of this account already');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32).toString('base64url');
  const key = { id, rpId: rp.id, userHandle: user.id, privateKey, count: 0 };
  keys.push(key);
  const idBytes = Buffer.from(id, 'base64url');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(idBytes.length);
  const aaguid = Buffer.from((given.aaguid ?? '0'.repeat(32)).replaceAll('-', ''), 'hex');
  const attested = Buffer.concat([aaguid, length, idBytes, coseKey(publicKey)]);
  const authData = Buffer.concat([authenticatorData(key, given, FLAG.attested), attested]);
  const attestationObject = cborMap([
    ['fmt', cborText('none')],
    ['attStmt', cborMap([])],
    ['authData', cborBytes(authData)],
  ]);
  return responseOf(key, {
    clientDataJSON: clientData('webauthn.create', challenge, given.origin),
    attestationObject: attestationObject.toString('base64url'),
    transports: ['internal', 'hybrid'],
  });
}

function get(
  keys: readonly Key[],
  given: TestAuthenticatorOptions,
  { challenge, rpId, allowCredentials }: z.output<typeof request>,
): TestPasskeyResponse {
  const isAllowed = ({ id }: Key) =>
    allowCredentials.length === 0 || allowCredentials.some((allowed) => allowed.id === id);
  const key = keys.findLast((one) => one.rpId === rpId && isAllowed(one));
  if (key === undefined) throw new Error('the authenticator has no passkey for this');
  const data = authenticatorData(key, given, 0);
  const client = clientData('webauthn.get', challenge, given.origin);
  const clientHash = createHash('sha256').update(Buffer.from(client, 'base64url')).digest();
  const signature = sign('sha256', Buffer.concat([data, clientHash]), key.privateKey);
  return responseOf(key, {
    clientDataJSON: client,
    authenticatorData: data.toString('base64url'),
    signature: signature.toString('base64url'),
    userHandle: key.userHandle,
  });
}

function responseOf({ id }: Key, response: TestPasskeyResponse['response']): TestPasskeyResponse {
  return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
}

function authenticatorData(
  key: Key,
  {
    isUserPresent = true,
    isUserVerified = true,
    isSynced = true,
    isCounting = false,
  }: TestAuthenticatorOptions,
  more: number,
): Buffer {
  const present = isUserPresent ? FLAG.userPresent : 0;
  const verified = isUserVerified ? FLAG.userVerified : 0;
  const synced = isSynced ? FLAG.backupEligible | FLAG.backedUp : 0;
  if (isCounting) key.count += 1;
  const rest = Buffer.alloc(5);
  rest.writeUInt8(present | verified | synced | more);
  rest.writeUInt32BE(key.count, 1);
  return Buffer.concat([createHash('sha256').update(key.rpId).digest(), rest]);
}

function clientData(type: string, challenge: string, origin: string): string {
  const text = JSON.stringify({ type, challenge, origin, crossOrigin: false });
  return Buffer.from(text).toString('base64url');
}

/** A P-256 key for ES256. @see RFC 9053 §7.1.1 */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const coordinate = (text: string) => cborBytes(Buffer.from(text, 'base64url'));
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    coordinate(x),
    Buffer.from([0x22]),
    coordinate(y),
  ]);
}

// What of CBOR (RFC 8949) an attestation object needs.
function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([cborHead(2, bytes.length), bytes]);
}

function cborMap(entries: readonly (readonly [string, Buffer])[]): Buffer {
  return Buffer.concat([
    cborHead(5, entries.length),
    ...entries.flatMap(([name, value]) => [cborText(name), value]),
  ]);
}
