import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A private key that signs as providers take it: RSA of 2048 bits at least, or one of NIST’s curves. */
export const signingKey: z.ZodType<KeyObject, string> = z.string().transform((text, context) => {
  const key = keyFrom(text);
  if (key !== null) return key;
  const message =
    'is no key that can be used; give a private key as PEM: RSA of at least 2048 bits, or P-256';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** @param text PEM; null where it is none, or of no such kind */
export function keyFrom(text: string): KeyObject | null {
  try {
    // Where a file has become one line, its line ends are often written out.
    const key = createPrivateKey(text.replaceAll('\\n', '\n'));
    const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
    const isFit = key.asymmetricKeyType === 'rsa' ? modulusLength >= 2_048 : CURVES.includes(namedCurve);
    return isFit ? key : null;
  } catch {
    return null;
  }
}
