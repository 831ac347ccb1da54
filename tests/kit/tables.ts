import type { AuthTables } from '../../src/auth/schema.ts';
import type { ExternalTables } from '../../src/features/external-sign-in/store.ts';
import type { ExternalTokenTables } from '../../src/features/external-sign-in/tokens/store.ts';
import type { VouchedTables } from '../../src/features/external-sign-in/vouched/store.ts';
import type { PasswordTables } from '../../src/features/passwords/store.ts';
import type * as sql from '../../src/platform/sql/database.ts';

/** Every table that a test may read or prepare. */
export type AllTables = AuthTables & PasswordTables & ExternalTables & ExternalTokenTables & VouchedTables;

export type Database = sql.Database<AllTables>;
export type Queries = sql.Queries<AllTables>;
