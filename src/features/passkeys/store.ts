import { createHash } from 'node:crypto';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes, newId } from '../../platform/text/index.ts';
import type { OpenedChallenge } from './challenges.ts';

export type PasskeyTables = {
  passkeys: {
    id: Uint8Array;
    /** The row of `second_factors`; each passkey has its own. */
    factor_id: Uint8Array;
    account_id: Uint8Array;
    /** The SHA-256 of the credential id, by which it is found: the id itself has up to 1,023 bytes. */
    credential_hash: Uint8Array;
    credential_id: Uint8Array;
    /** In the encoding of COSE (RFC 9052). */
    public_key: Uint8Array;
    /** The last signature counter; zero for authenticators that do not count, such as those that synchronise passkeys. */
    counter: number;
    /** How the browser can reach the authenticator, separated by commas. */
    transports: string;
    /** The model of the authenticator, which has given it its first name. */
    aaguid: Uint8Array;
    name: string;
    /** Whether it can be on several devices (backup eligible), and is (backed up). */
    is_synced: number;
    is_backed_up: number;
    added_at: number;
    last_used_at: number | null;
  };
  /** Challenges whose response was accepted, until they have expired. */
  spent_passkey_challenges: {
    challenge_hash: Uint8Array;
    expires_at: number;
  };
};

export const LONGEST_NAME = 60;
const TRANSPORT_BYTES = 100;

export const passkeysStep: sql.Migration = {
  number: 10,
  name: 'passkeys',
  // A node of the version before would ask for no passkey.
  oldNodes: 'stop first',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('passkeys')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('factor_id', columns.id, (column) => column.notNull())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('credential_hash', columns.hash, (column) => column.notNull().unique())
      .addColumn('credential_id', columns.bytes, (column) => column.notNull())
      .addColumn('public_key', columns.bytes, (column) => column.notNull())
      .addColumn('counter', columns.sequence, (column) => column.notNull())
      .addColumn('transports', columns.key(TRANSPORT_BYTES), (column) => column.notNull())
      .addColumn('aaguid', columns.id, (column) => column.notNull())
      .addColumn('name', columns.text(LONGEST_NAME), (column) => column.notNull())
      .addColumn('is_synced', columns.number, (column) => column.notNull())
      .addColumn('is_backed_up', columns.number, (column) => column.notNull())
      .addColumn('added_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addForeignKeyConstraint('passkeys_factor', ['factor_id'], 'second_factors', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('passkeys_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
    await schema
      .createTable('spent_passkey_challenges')
      .ifNotExists()
      .addColumn('challenge_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .modifyEnd(columns.clusteredByKey)
      .execute();
  },
  indexes: [
    { name: 'passkeys_factor', table: 'passkeys', column: 'factor_id' },
    { name: 'passkeys_account', table: 'passkeys', column: 'account_id', orderedBy: 'added_at' },
    { name: 'spent_passkey_challenges_expires_at', table: 'spent_passkey_challenges', column: 'expires_at' },
  ],
};

export const expiringChallenges: ExpiringTable<PasskeyTables> = {
  table: 'spent_passkey_challenges',
  key: 'challenge_hash',
  column: 'expires_at',
};

export type Queries = sql.Queries<AuthTables & PasskeyTables>;

/** A passkey of an account. Times are milliseconds of UTC. */
export type Passkey = {
  readonly id: Id;
  readonly accountId: AccountId;
  readonly factorId: Id;
  /** In base64url. */
  readonly credentialId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  /** Whether it can be on several devices, as password managers keep it. */
  readonly isSynced: boolean;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
};

type Row = PasskeyTables['passkeys'];

function passkeyFrom(row: Row): Passkey {
  return {
    id: bytesToId(row.id),
    accountId: accountIds.fromBytes(row.account_id),
    factorId: bytesToId(row.factor_id),
    credentialId: Buffer.from(row.credential_id).toString('base64url'),
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    transports: row.transports === '' ? [] : row.transports.split(','),
    name: row.name,
    isSynced: row.is_synced === 1,
    addedAt: row.added_at,
    lastUsedAt: row.last_used_at,
  };
}

/** The passkeys of an account, the first one first. */
export async function passkeysOf(queries: Queries, accountId: AccountId): Promise<readonly Passkey[]> {
  const rows = await queries
    .selectFrom('passkeys')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('added_at')
    .orderBy('id')
    .execute();
  return rows.map(passkeyFrom);
}

/** @param credentialId in base64url */
export function findPasskey(queries: Queries, credentialId: string): Promise<Passkey | null> {
  return holderOf(queries, { credential_hash: credentialHash(credentialId) });
}

function credentialHash(credentialId: string): Uint8Array {
  return createHash('sha256').update(Buffer.from(credentialId, 'base64url')).digest();
}

/** Whether an account has this passkey. */
export async function hasPasskey(queries: Queries, accountId: AccountId, id: Id): Promise<boolean> {
  const row = await queries
    .selectFrom('passkeys')
    .select('id')
    .where('id', '=', idToBytes(id))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return row !== undefined;
}

/** What an authenticator has created. */
export type NewPasskey = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'counter' | 'transports' | 'name' | 'isSynced'
> & {
  readonly isBackedUp: boolean;
  readonly aaguid: Id;
};

/** @throws an error of the database where any account has this credential (WebAuthn Level 3 §7.1, step 26) */
export async function insertPasskey(
  transaction: Queries,
  { accountId, factorId }: { readonly accountId: AccountId; readonly factorId: Id },
  created: NewPasskey,
  now: number,
): Promise<Id> {
  const id = newId(now);
  await reinsertPasskey(transaction, {
    id: idToBytes(id),
    factor_id: idToBytes(factorId),
    account_id: idToBytes(accountId),
    credential_hash: credentialHash(created.credentialId),
    credential_id: Buffer.from(created.credentialId, 'base64url'),
    public_key: created.publicKey,
    counter: created.counter,
    transports: transportText(created.transports),
    aaguid: idToBytes(created.aaguid),
    name: created.name,
    is_synced: created.isSynced ? 1 : 0,
    is_backed_up: created.isBackedUp ? 1 : 0,
    added_at: now,
    last_used_at: null,
  });
  return id;
}

/** Those that fit; they are hints for browsers, which ignore what they do not know. */
function transportText(transports: readonly string[]): string {
  const known = transports.filter((transport) => /^[a-z-]{1,20}$/.test(transport));
  return known.slice(0, Math.floor(TRANSPORT_BYTES / 21)).join(',');
}

/** What a use of a passkey changes. */
export type NotedUse = { readonly counter: number; readonly isBackedUp: boolean; readonly now: number };

/**
 * Notes a use. The counter of an authenticator that counts only grows, so that of a passkey and its copy one is refused; zero
 * stays zero (WebAuthn Level 3 §7.2, step 22).
 * @returns whether the passkey still exists and has not been used with this counter or a later one
 */
export async function noteUse(
  transaction: Queries,
  id: Id,
  { counter, isBackedUp, now }: NotedUse,
): Promise<boolean> {
  const result = await transaction
    .updateTable('passkeys')
    .set({ counter, is_backed_up: isBackedUp ? 1 : 0, last_used_at: now })
    .where('id', '=', idToBytes(id))
    .where('counter', counter === 0 ? '=' : '<', counter)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Inserts a challenge as spent. @throws an error of the database where it was spent before */
export async function insertSpentChallenge(
  transaction: Queries,
  { hash, expiresAt }: OpenedChallenge,
): Promise<void> {
  await transaction
    .insertInto('spent_passkey_challenges')
    .values({ challenge_hash: hash, expires_at: expiresAt })
    .execute();
}

/** @returns whether the account has that passkey */
export async function renamePasskey(
  queries: Queries,
  accountId: AccountId,
  { id, name }: Pick<Passkey, 'id' | 'name'>,
): Promise<boolean> {
  const result = await queries
    .updateTable('passkeys')
    .set({ name })
    .where('id', '=', idToBytes(id))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n || hasPasskey(queries, accountId, id);
}

/** What is kept of a passkey whose removal can be undone. */
export type StoredPasskey = Row;

/** The passkey of a row of `second_factors`. */
export async function storedPasskeyOf(queries: Queries, factorId: Id): Promise<StoredPasskey | null> {
  const row = await queries
    .selectFrom('passkeys')
    .selectAll()
    .where('factor_id', '=', idToBytes(factorId))
    .executeTakeFirst();
  return row ?? null;
}

/** The passkey that has this credential, of any account; null where none has. */
export async function holderOf(
  queries: Queries,
  { credential_hash }: Pick<StoredPasskey, 'credential_hash'>,
): Promise<Passkey | null> {
  const row = await queries
    .selectFrom('passkeys')
    .selectAll()
    .where('credential_hash', '=', credential_hash)
    .executeTakeFirst();
  return row === undefined ? null : passkeyFrom(row);
}

/** @throws an error of the database where any account has this credential */
export async function reinsertPasskey(transaction: Queries, row: StoredPasskey): Promise<void> {
  await transaction.insertInto('passkeys').values(row).execute();
}
