import { createHmac } from 'node:crypto';

export const DIGITS = 6;

/** HOTP with SHA-1, which every authenticator app knows. @see RFC 4226 §5.3 */
export function hotp(secret: Uint8Array, count: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(count));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}
