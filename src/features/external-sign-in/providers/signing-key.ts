import { createPrivateKey, type KeyObject, type webcrypto } from 'node:crypto';
import { z } from 'zod';
import { resultOrNull } from '../../../platform/runtime/index.ts';
import { refuse } from '../../../platform/settings/index.ts';

/** A private key for signatures that providers accept: RSA of at least 2048 bits, or a NIST curve. */
export const signingKey: z.ZodType<KeyObject, string> = z.string().transform((text, context) => {
  const wanted = 'give a private key as PEM: RSA of at least 2048 bits, or P-256';
  return keyFrom(text) ?? refuse(context, `is no key that can be used; ${wanted}`);
});

/** The names of OpenSSL's curves in JWA (RFC 7518 §3.4). */
const CURVES: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

/** @param text PEM @returns null for any other text or kind of key */
export function keyFrom(text: string): KeyObject | null {
  // Variables that hold a file in one line often contain its line breaks as `\n`.
  const key = resultOrNull(() => createPrivateKey(text.replaceAll('\\n', '\n')));
  const { modulusLength = 0, namedCurve = '' } = key?.asymmetricKeyDetails ?? {};
  const isFit = key?.asymmetricKeyType === 'rsa' ? modulusLength >= 2_048 : CURVES.has(namedCurve);
  return isFit ? key : null;
}

/** The key for the Web Crypto API. @throws an error for any other kind of key */
export async function webKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const data = key.export({ type: 'pkcs8', format: 'der' });
  const namedCurve = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '') ?? '';
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve };
  return crypto.subtle.importKey('pkcs8', data, algorithm, false, ['sign']);
}
