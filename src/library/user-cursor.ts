import { z } from 'zod';
import { type AccountId, accountIds } from '../auth/identifiers/ids.ts';
import { resultOrNull } from '../platform/runtime/index.ts';

/** The orders in which accounts are listed; each is that of an index. */
const ORDERS = ['created', 'role', 'username', 'email', 'disabled', 'leaving'] as const;
export type Order = (typeof ORDERS)[number];

/** Where a page ends: the last account of it. */
export type Position = {
  readonly order: Order;
  /** What it is ordered by: a key, or a time. */
  readonly value: string | number;
  readonly id: AccountId;
};

const LONGEST_CURSOR = 4_096;

const position = z
  .tuple([z.enum(ORDERS), z.union([z.string(), z.number()]), accountIds.schema])
  .transform(([order, value, id]): Position => ({ order, value, id }));

export function formatCursor({ order, value, id }: Position): string {
  return Buffer.from(JSON.stringify([order, value, id])).toString('base64url');
}

/** @returns null for a text that is no cursor */
export function parseCursor(cursor: string): Position | null {
  if (cursor.length > LONGEST_CURSOR) return null;
  const content = resultOrNull(() => JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  return position.safeParse(content).data ?? null;
}
