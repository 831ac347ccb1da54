import type { Kysely, Transaction } from 'kysely';

/**
 * The whole schema on one page. Each table has one owner, whose `store.ts` (core: the module named here) alone
 * holds its SQL. Ids are UUIDs in 16 bytes, hashes 32 bytes, times milliseconds of UTC.
 */
export type Schema = {
  /** core/accounts.ts */
  accounts: {
    id: Uint8Array;
    /** As typed, for people to see. */
    username: string;
    /** The canonical form, by which it is unique. */
    username_key: string;
    /** Where mail goes, as stored; null when the person gave none. */
    email: string | null;
    email_key: string | null;
    email_verified_at: number | null;
    created_at: number;
    disabled_at: number | null;
  };
  /** features/passwords */
  passwords: {
    account_id: Uint8Array;
    /** PHC string: scheme, parameters, salt and hash. */
    hash: string;
    changed_at: number;
  };
  /** core/sessions.ts */
  sessions: {
    id: Uint8Array;
    token_hash: Uint8Array;
    account_id: Uint8Array;
    /** How the person signed in, such as `password`. */
    method: string;
    created_at: number;
    last_seen_at: number;
    expires_at: number;
  };
  /** core/leases.ts */
  leases: {
    /** The work that one node at a time does. */
    name: string;
    /** Made by each node for itself. */
    holder: Uint8Array;
    expires_at: number;
  };
  /** core/counters/database-counters.ts */
  counters: {
    key_hash: Uint8Array;
    count: number;
    /** When counting starts anew. */
    expires_at: number;
  };
  /** core/database/applied-steps.ts */
  schema_migrations: {
    number: number;
    name: string;
    applied_at: number;
  };
};

/** What a statement runs on: the database, or a transaction on it. */
export type Queries = Kysely<Schema> | Transaction<Schema>;
