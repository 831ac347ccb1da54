/**
 * Writes the few forms of DER that a certificate of ours is made of (ITU-T X.690). Nothing here reads any: what
 * comes from outside is parsed by OpenSSL alone.
 */

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAGS.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(TAGS.set, ...parts);
export const octetString = (bytes: Uint8Array): Buffer => element(TAGS.octetString, bytes);
export const utf8String = (text: string): Buffer => element(TAGS.utf8String, Buffer.from(text));
export const TRUE: Buffer = element(TAGS.boolean, Buffer.of(0xff));

/** A whole number that is not negative, its highest byte first. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Buffer.of(0) : bytes.subarray(start);
  // A first bit that is set would mean a negative one.
  const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0);
  return element(TAGS.integer, sign, digits);
}

/** @param unusedBits how many bits at the end of the last byte mean nothing */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(TAGS.bitString, Buffer.of(unusedBits), bytes);
}

/** @param dotted such as `1.2.840.10045.4.3.2` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAGS.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(inSevens)]));
}

function inSevens(number: number): readonly number[] {
  const digits = [number & 0x7f];
  for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** A moment to the second; from 2050 on in the longer form (RFC 5280 §4.1.2.5). */
export function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return digits >= '2050'
    ? element(TAGS.generalizedTime, Buffer.from(digits))
    : element(TAGS.utcTime, Buffer.from(digits.slice(2)));
}

/** A part that is named by its number, around whole elements. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return element(0xa0 | number, ...parts);
}

/** A choice that is named by its number, with bare bytes in it. */
export function implicit(number: number, bytes: Uint8Array): Buffer {
  return element(0x80 | number, bytes);
}

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

function length(count: number): Buffer {
  if (count < 0x80) return Buffer.of(count);
  return count < 0x100 ? Buffer.of(0x81, count) : Buffer.of(0x82, count >> 8, count & 0xff);
}
