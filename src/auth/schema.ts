import type { AuditTables } from '../platform/audit-log/index.ts';
import type { MailTables } from '../platform/mail/index.ts';
import type { CounterTables } from '../platform/rate-limit/index.ts';
import type * as sql from '../platform/sql/index.ts';
import type { LeaseTables, StepTables } from '../platform/sql/index.ts';
import type { RepeatTables } from '../platform/web/index.ts';
import type { AccountTables } from './accounts/store.ts';
import type { TokenTables } from './one-time-tokens/store.ts';
import type { PendingSignInTables } from './required-steps/store.ts';
import type { SessionTables } from './sessions/store.ts';

/**
 * The tables that auth and the platform own; each type is beside the SQL of its table. A feature with tables of its
 * own uses `Database<AuthTables & OwnTables>`. Ids are UUIDs in 16 bytes, hashes 32 bytes, times milliseconds of UTC.
 */
export type AuthTables = AccountTables &
  SessionTables &
  TokenTables &
  PendingSignInTables &
  MailTables &
  AuditTables &
  CounterTables &
  RepeatTables &
  LeaseTables &
  StepTables;

export type Database = sql.Database<AuthTables>;
export type Queries = sql.Queries<AuthTables>;
