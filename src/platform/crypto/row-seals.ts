import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Secrets } from './secrets.ts';

type SealedRow = { readonly seal: Uint8Array; readonly expires_at: number };

type Value = Uint8Array | string | number | null;

/**
 * Seals the rows of a table that give access, so that an attacker who can write to the database but does not have
 * `SECRET_KEY` can neither add such a row nor change what one says, such as whose it is (A69).
 * A row that was deleted can be put back as it was; so a table with seals has a column with the time of its expiry.
 */
export function createRowSeals<Row extends SealedRow>(secrets: Secrets, table: string) {
  const keys = secrets.keys('row');
  return {
    sealOf: (row: Omit<Row, 'seal'>): Uint8Array => hmac(keys[0], table, row),
    /** Whether the whole row is as it was inserted here; columns that are not in the table are no part of it. */
    isSealed: ({ seal, ...row }: Row): boolean => keys.some((key) => isSameMac(seal, hmac(key, table, row))),
  };
}

/** The same where the secrets are known already. */
export type CreateRowSeals = <Row extends SealedRow>(table: string) => RowSeals<Row>;

export type RowSeals<Row extends SealedRow> = ReturnType<typeof createRowSeals<Row>>;

// The order of columns is that of their names. What is null says nothing, so a column that another version adds does
// not break the seals from before.
function hmac(key: KeyObject, table: string, row: object): Buffer {
  const columns: [string, Value][] = Object.entries(row);
  const said = columns.filter(([, value]) => value !== null).sort(([one], [other]) => (one < other ? -1 : 1));
  const message = [table, ...said.map(([name, value]) => [name, written(value)])];
  return createHmac('sha256', key).update(JSON.stringify(message)).digest();
}

function written(value: Value): string | number | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

/** Whether two MACs are equal; takes the same time in any case. */
export function isSameMac(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
