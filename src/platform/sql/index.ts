export { type OpenDatabase, readApplicationPool } from './application-pool.ts';
export {
  type ColumnTypes,
  type Database,
  type DatabaseOptions,
  DatabaseStartError,
  type EngineName,
  type Generated,
  type Naming,
  POOL_OPTION,
  type PoolLimits,
  type Queries,
  type Reference,
  type SqlFragment,
  type TextQuery,
} from './database.ts';
export { createEmptyTables } from './empty-tables.ts';
export { errorCode } from './error-codes.ts';
export { createLeases, type LeaseTables } from './leases.ts';
export {
  checkSchema,
  findUnfinishedCopy,
  type Migration,
  type MigrationStatus,
  migrate,
  migrationStatus,
  recordFinishedCopy,
  recordStep,
  recordUnfinishedCopy,
  refuseUnfinishedCopy,
  type StepTables,
} from './migrate.ts';
export { isDatabaseMissing, openDatabase } from './open.ts';
export type { ApplicationPool } from './pool-types.ts';
export { type DeleteExpired, deleteExpiredRows, type Expiring, startRetention } from './retention.ts';
export type { ServerAddress } from './server-address.ts';
export { deleteExpired, type ExpiringTable, limitTo, lockRow } from './statements.ts';
export {
  CONFLICT,
  type Conflict,
  type Deletion,
  runAndRollBack,
  transact,
  transactDeletion,
} from './transactions.ts';
export { databaseFile, isMemoryDatabase, MEMORY_DATABASE, readDatabaseUrl, withoutUserInfo } from './url.ts';
