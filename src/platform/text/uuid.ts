import { randomBytes } from 'node:crypto';
import { z } from 'zod';

declare const kind: unique symbol;

/**
 * An id of one kind of rows: a UUID in lower case. The kind exists for the compiler alone. A plain text is no id before
 * one of the functions of `defineId` has parsed it.
 */
export type Id<Kind extends string = string> = string & { readonly [kind]: Kind };

/** An id of every kind that no row has: looked up where there is nothing to find, so that both cases do the same work (A02, A03). */
export const UNKNOWN_ID = bytesToId(new Uint8Array(16)) as Id<never>;

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes an id: a UUID of version 7, so that rows made after each other lie beside each other.
 * @param now milliseconds of UTC
 * @see RFC 9562 §5.7
 */
export function newId(now: number): Id {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytesToId(bytes);
}

/** Whether a text from outside has the form of an id. */
export function isId(text: string): text is Id {
  return SHAPE.test(text);
}

/** An id as the database keeps it: 16 bytes. */
export function idToBytes(id: Id): Uint8Array {
  // Also of what a cast or JavaScript has let through.
  if (!isId(id)) throw new TypeError('not an id');
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function bytesToId(bytes: Uint8Array): Id {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return text as Id;
}

/** Everything that makes ids of one kind. */
export type IdKind<Kind extends string> = {
  readonly create: (now: number) => Id<Kind>;
  /** From a column of a row. */
  readonly fromBytes: (bytes: Uint8Array) => Id<Kind>;
  /** From a text from outside; null for what cannot be an id. */
  readonly parse: (text: string) => Id<Kind> | null;
  readonly schema: z.ZodType<Id<Kind>>;
};

export const idSchema = z.custom<Id>((value) => typeof value === 'string' && isId(value));

/** Defines a kind of ids; `Id` with that kind is their type. */
export function defineId<Kind extends string>(): IdKind<Kind>;
export function defineId(): IdKind<string> {
  return {
    create: newId,
    fromBytes: bytesToId,
    parse: (text) => (isId(text) ? text : null),
    schema: idSchema,
  };
}
