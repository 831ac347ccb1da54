import { randomBytes } from 'node:crypto';

/** An id that no row has: looked up where there is nothing to find, so that both cases do the same work (A02, A03). */
export const UNKNOWN_ID = '00000000-0000-0000-0000-000000000000';

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes an id: a UUID of version 7, so that rows made after each other lie beside each other.
 * @param now milliseconds of UTC
 * @see RFC 9562 §5.7
 */
export function newId(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytesToId(bytes);
}

/** Whether a text from outside has the form of an id. */
export function isId(text: string): boolean {
  return SHAPE.test(text);
}

/** An id as the database keeps it: 16 bytes. @throws {TypeError} when the text is no id */
export function idToBytes(id: string): Uint8Array {
  if (!isId(id)) throw new TypeError('not an id');
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function bytesToId(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
