// The first step of the schema: the tables of auth, the platform and the features that were there from the start. Later
// steps belong to the features whose tables they change (`migrations` in their index.ts), those of auth to this folder.
// Their numbers go on across all of them: the highest of `latchkey migrate --status`, plus one. A number that is taken is
// refused at start, with the next free one.
import { type ForeignKeyConstraintBuilder, type SchemaModule, sql } from 'kysely';
import type { ColumnTypes, Migration } from '../../platform/sql/index.ts';

// A name has at most 64 code points of 4 bytes; its canonical form can be three times as long.
const USERNAME_KEY_BYTES = 3 * 64 * 4;
const EMAIL_KEY_BYTES = 254;
const USER_AGENT_CHARACTERS = 400;
const ADDRESS_CHARACTERS = 64;
const ROLES_CHARACTERS = 2_000;
const TOKEN_DATA_CHARACTERS = 1_000;
const NEXT_PATH_CHARACTERS = 2_000;
const CREDENTIAL_BYTES = 255;
const FACTS_CHARACTERS = 1_000;
const DETAILS_CHARACTERS = 2_000;
/** A UUID as text, or the request id of a proxy. */
const REQUEST_ID_CHARACTERS = 64;
const WORK_CHARACTERS = 64;
/** The last response of a mail server. */
const SMTP_ANSWER_CHARACTERS = 400;
const PROVIDER_BYTES = 32;
const ISSUER_BYTES = 255;
/** OpenID Connect Core 1.0 §2: a subject has at most 255 ASCII characters. */
const SUBJECT_BYTES = 255;
const HANDLE_CHARACTERS = 254;

const cascade = (key: ForeignKeyConstraintBuilder) => key.onDelete('cascade');

type CreateTable = (schema: SchemaModule, columns: ColumnTypes) => Promise<void>;

const accounts: CreateTable = (schema, columns) =>
  schema
    .createTable('accounts')
    .ifNotExists()
    .addColumn('id', columns.id, (column) => column.primaryKey())
    .addColumn('username', columns.text(128), (column) => column.notNull())
    .addColumn('username_key', columns.key(USERNAME_KEY_BYTES), (column) => column.notNull().unique())
    .addColumn('email', columns.text(254))
    .addColumn('email_key', columns.key(EMAIL_KEY_BYTES), (column) => column.unique())
    .addColumn('email_verified_at', columns.time)
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('disabled_at', columns.time)
    .addColumn('delete_at', columns.time)
    .addColumn('devices_forgotten_at', columns.time)
    .modifyEnd(columns.clusteredByKey)
    .execute();

const passwords: CreateTable = (schema, columns) =>
  schema
    .createTable('passwords')
    .ifNotExists()
    .addColumn('account_id', columns.id, (column) => column.primaryKey())
    .addColumn('hash', columns.text(255), (column) => column.notNull())
    .addColumn('changed_at', columns.time, (column) => column.notNull())
    .addColumn('consecutive_failures', columns.number, (column) => column.notNull().defaultTo(0))
    .addColumn('found_breached_at', columns.time)
    .addColumn('disabled_at', columns.time)
    .addForeignKeyConstraint('passwords_account', ['account_id'], 'accounts', ['id'], cascade)
    .execute();

const sessions: CreateTable = (schema, columns) =>
  schema
    .createTable('sessions')
    .ifNotExists()
    .addColumn('id', columns.id, (column) => column.primaryKey())
    .addColumn('token_hash', columns.hash, (column) => column.notNull())
    .addColumn('token_issued_at', columns.time, (column) => column.notNull())
    .addColumn('previous_token_hash', columns.hash)
    .addColumn('previous_issued_at', columns.time)
    .addColumn('previous_until', columns.time)
    .addColumn('successor_salt', columns.id)
    .addColumn('account_id', columns.id, (column) => column.notNull())
    .addColumn('method', columns.key(32), (column) => column.notNull())
    .addColumn('is_remembered', columns.number, (column) => column.notNull())
    .addColumn('proven_at', columns.time)
    .addColumn('proven_by', columns.key(16))
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('last_seen_at', columns.time, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addColumn('stolen_at', columns.time)
    .addColumn('user_agent', columns.text(USER_AGENT_CHARACTERS), (column) => column.notNull())
    .addColumn('address', columns.text(ADDRESS_CHARACTERS), (column) => column.notNull())
    .addColumn('roles', columns.text(ROLES_CHARACTERS))
    .addForeignKeyConstraint('sessions_account', ['account_id'], 'accounts', ['id'], cascade)
    .modifyEnd(columns.clusteredByKey)
    .execute();

const oneTimeTokens: CreateTable = (schema, columns) =>
  schema
    .createTable('one_time_tokens')
    .ifNotExists()
    .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
    .addColumn('purpose', columns.key(32), (column) => column.notNull())
    .addColumn('account_id', columns.id)
    .addColumn('data', columns.text(TOKEN_DATA_CHARACTERS), (column) => column.notNull())
    .addColumn('issued_at', columns.time, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addColumn('seal', columns.hash, (column) => column.notNull())
    .addForeignKeyConstraint('one_time_tokens_account', ['account_id'], 'accounts', ['id'], cascade)
    .execute();

const pendingSignIns: CreateTable = (schema, columns) =>
  schema
    .createTable('pending_sign_ins')
    .ifNotExists()
    .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
    .addColumn('account_id', columns.id, (column) => column.notNull())
    .addColumn('method', columns.key(32), (column) => column.notNull())
    .addColumn('credential', columns.key(CREDENTIAL_BYTES), (column) => column.notNull())
    .addColumn('is_remembered', columns.number, (column) => column.notNull())
    .addColumn('next_path', columns.text(NEXT_PATH_CHARACTERS))
    .addColumn('facts', columns.text(FACTS_CHARACTERS), (column) => column.notNull())
    .addColumn('proven_at', columns.time)
    .addColumn('proven_by', columns.key(16))
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addColumn('seal', columns.hash, (column) => column.notNull())
    .addForeignKeyConstraint('pending_sign_ins_account', ['account_id'], 'accounts', ['id'], cascade)
    .modifyEnd(columns.clusteredByKey)
    .execute();

const repeatableRequests: CreateTable = (schema, columns) =>
  schema
    .createTable('repeatable_requests')
    .ifNotExists()
    .addColumn('request_hash', columns.hash, (column) => column.primaryKey())
    .addColumn('claim', columns.id, (column) => column.notNull())
    .addColumn('browser_hash', columns.hash, (column) => column.notNull())
    .addColumn('outcome', columns.bytes)
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .execute();

const externalIdentities: CreateTable = (schema, columns) =>
  schema
    .createTable('external_identities')
    .ifNotExists()
    .addColumn('id', columns.id, (column) => column.primaryKey())
    .addColumn('account_id', columns.id, (column) => column.notNull())
    .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
    .addColumn('issuer', columns.key(ISSUER_BYTES), (column) => column.notNull())
    .addColumn('subject', columns.key(SUBJECT_BYTES), (column) => column.notNull())
    .addColumn('handle', columns.text(HANDLE_CHARACTERS))
    .addColumn('verified_email_key', columns.key(EMAIL_KEY_BYTES))
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('last_used_at', columns.time)
    .addUniqueConstraint('external_identities_issuer_subject', ['issuer', 'subject'])
    .addForeignKeyConstraint('external_identities_account', ['account_id'], 'accounts', ['id'], cascade)
    .modifyEnd(columns.clusteredByKey)
    .execute();

const externalSignIns: CreateTable = (schema, columns) =>
  schema
    .createTable('external_sign_ins')
    .ifNotExists()
    .addColumn('id', columns.id, (column) => column.primaryKey())
    .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
    .addColumn('issuer', columns.key(ISSUER_BYTES), (column) => column.notNull())
    .addColumn('subject', columns.key(SUBJECT_BYTES), (column) => column.notNull())
    .addColumn('sid_hash', columns.hash)
    .addColumn('authenticated_at', columns.time)
    .addColumn('roles', columns.text(ROLES_CHARACTERS))
    .addColumn('kept', columns.bytes)
    .addColumn('account_id', columns.id)
    .addColumn('session_id', columns.id)
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addForeignKeyConstraint('external_sign_ins_account', ['account_id'], 'accounts', ['id'], cascade)
    .addForeignKeyConstraint('external_sign_ins_session', ['session_id'], 'sessions', ['id'], cascade)
    .modifyEnd(columns.clusteredByKey)
    .execute();

const externalTokens: CreateTable = (schema, columns) =>
  schema
    .createTable('external_tokens')
    .ifNotExists()
    .addColumn('identity_id', columns.id, (column) => column.primaryKey())
    .addColumn('tokens', columns.bytes, (column) => column.notNull())
    .addColumn('expires_at', columns.time)
    .addColumn('version', columns.number, (column) => column.notNull())
    .addColumn('refreshing_until', columns.time)
    .addColumn('updated_at', columns.time, (column) => column.notNull())
    .addForeignKeyConstraint(
      'external_tokens_identity',
      ['identity_id'],
      'external_identities',
      ['id'],
      cascade,
    )
    .modifyEnd(columns.clusteredByKey)
    .execute();

const externalTransactions: CreateTable = (schema, columns) =>
  schema
    .createTable('external_transactions')
    .ifNotExists()
    .addColumn('state_hash', columns.hash, (column) => column.primaryKey())
    .addColumn('browser_hash', columns.hash, (column) => column.notNull())
    .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
    .addColumn('intent', columns.key(32), (column) => column.notNull())
    .addColumn('session_id', columns.id)
    .addColumn('next_path', columns.text(NEXT_PATH_CHARACTERS))
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addColumn('seal', columns.hash, (column) => column.notNull())
    .modifyEnd(columns.clusteredByKey)
    .execute();

const mailOutbox: CreateTable = (schema, columns) =>
  schema
    .createTable('mail_outbox')
    .ifNotExists()
    .addColumn('id', columns.id, (column) => column.primaryKey())
    .addColumn('account_id', columns.id)
    .addColumn('recipient', columns.text(254), (column) => column.notNull())
    .addColumn('message', columns.key(64), (column) => column.notNull())
    .addColumn('sealed', columns.bytes, (column) => column.notNull())
    .addColumn('created_at', columns.time, (column) => column.notNull())
    .addColumn('attempts', columns.number, (column) => column.notNull())
    .addColumn('due_at', columns.time)
    .addColumn('lease', columns.id)
    .addColumn('answer', columns.text(SMTP_ANSWER_CHARACTERS))
    .addColumn('shown_at', columns.time)
    .addColumn('failed_at', columns.time)
    .addForeignKeyConstraint('mail_outbox_account', ['account_id'], 'accounts', ['id'], cascade)
    .execute();

const counters: CreateTable = (schema, columns) =>
  schema
    .createTable('counters')
    .ifNotExists()
    .addColumn('key_hash', columns.hash, (column) => column.primaryKey())
    .addColumn('count', columns.number, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .addColumn('blocked_until', columns.time, (column) => column.notNull().defaultTo(0))
    .execute();

const auditEvents: CreateTable = (schema, columns) =>
  schema
    .createTable('audit_events')
    .ifNotExists()
    .addColumn('sequence', columns.sequence, (column) => column.primaryKey())
    .addColumn('happened_at', columns.time, (column) => column.notNull())
    .addColumn('type', columns.key(64), (column) => column.notNull())
    .addColumn('outcome', columns.key(16), (column) => column.notNull())
    .addColumn('account_id', columns.id)
    .addColumn('session_id', columns.id)
    .addColumn('request_id', columns.text(REQUEST_ID_CHARACTERS))
    .addColumn('address', columns.text(ADDRESS_CHARACTERS))
    .addColumn('user_agent', columns.text(USER_AGENT_CHARACTERS))
    .addColumn('work', columns.text(WORK_CHARACTERS))
    .addColumn('details', columns.text(DETAILS_CHARACTERS), (column) => column.notNull())
    .addColumn('key_id', columns.key(16), (column) => column.notNull())
    .addColumn('previous_mac', columns.hash, (column) => column.notNull())
    .addColumn('mac', columns.hash, (column) => column.notNull())
    .execute();

const auditEnds: CreateTable = (schema, columns) =>
  schema
    .createTable('audit_ends')
    .ifNotExists()
    .addColumn('name', columns.key(16), (column) => column.primaryKey())
    .addColumn('sequence', columns.sequence, (column) => column.notNull())
    .addColumn('mac', columns.hash, (column) => column.notNull())
    .addColumn('key_id', columns.key(16), (column) => column.notNull())
    .addColumn('seal', columns.hash, (column) => column.notNull())
    .execute();

const leases: CreateTable = (schema, columns) =>
  schema
    .createTable('leases')
    .ifNotExists()
    .addColumn('name', columns.key(64), (column) => column.primaryKey())
    .addColumn('holder', columns.id, (column) => column.notNull())
    .addColumn('expires_at', columns.time, (column) => column.notNull())
    .execute();

/** A table follows those that its foreign keys reference. */
const TABLES: readonly CreateTable[] = [
  accounts,
  passwords,
  sessions,
  oneTimeTokens,
  pendingSignIns,
  repeatableRequests,
  externalIdentities,
  externalSignIns,
  externalTokens,
  externalTransactions,
  mailOutbox,
  counters,
  auditEvents,
  auditEnds,
  leases,
];

/**
 * What an application may read and join with; it stays the same whatever becomes of the tables (docs/your-database.md).
 */
async function createUsersView(schema: SchemaModule, { shown }: ColumnTypes): Promise<void> {
  const name = shown.view('users');
  // Of a step that was interrupted; not every engine can replace a view.
  await schema.dropView(name).ifExists().execute();
  await schema
    .createView(name)
    .as(
      sql`select ${shown.id}, username, email, email_verified_at is not null as email_verified,
        ${shown.time('created_at')} as created_at, disabled_at is not null as disabled
        from ${sql.table('accounts')}`,
    )
    .execute();
}

/** The schema of the first release. */
export const initialSchema: Migration = {
  number: 1,
  name: 'initial schema',
  oldNodes: 'compatible',
  up: async ({ schema }, columns) => {
    for (const createTable of TABLES) await createTable(schema, columns);
    await createUsersView(schema, columns);
  },
  indexes: [
    { name: 'accounts_delete_at', table: 'accounts', column: 'delete_at' },
    { name: 'sessions_account_id', table: 'sessions', column: 'account_id' },
    { name: 'sessions_expires_at', table: 'sessions', column: 'expires_at' },
    { name: 'one_time_tokens_account_id', table: 'one_time_tokens', column: 'account_id' },
    { name: 'one_time_tokens_expires_at', table: 'one_time_tokens', column: 'expires_at' },
    { name: 'pending_sign_ins_account_id', table: 'pending_sign_ins', column: 'account_id' },
    { name: 'pending_sign_ins_expires_at', table: 'pending_sign_ins', column: 'expires_at' },
    { name: 'repeatable_requests_expires_at', table: 'repeatable_requests', column: 'expires_at' },
    { name: 'external_identities_account_id', table: 'external_identities', column: 'account_id' },
    { name: 'external_sign_ins_account_id', table: 'external_sign_ins', column: 'account_id' },
    { name: 'external_sign_ins_session_id', table: 'external_sign_ins', column: 'session_id' },
    { name: 'external_sign_ins_subject', table: 'external_sign_ins', column: 'subject' },
    { name: 'external_sign_ins_sid_hash', table: 'external_sign_ins', column: 'sid_hash' },
    { name: 'external_sign_ins_expires_at', table: 'external_sign_ins', column: 'expires_at' },
    { name: 'external_transactions_expires_at', table: 'external_transactions', column: 'expires_at' },
    { name: 'mail_outbox_account_id', table: 'mail_outbox', column: 'account_id' },
    { name: 'mail_outbox_due_at', table: 'mail_outbox', column: 'due_at' },
    { name: 'mail_outbox_shown_at', table: 'mail_outbox', column: 'shown_at' },
    { name: 'mail_outbox_failed_at', table: 'mail_outbox', column: 'failed_at' },
    { name: 'counters_expires_at', table: 'counters', column: 'expires_at' },
    { name: 'audit_events_account_id', table: 'audit_events', column: 'account_id', orderedBy: 'sequence' },
    { name: 'audit_events_happened_at', table: 'audit_events', column: 'happened_at' },
  ],
};
