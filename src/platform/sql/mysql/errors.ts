import { TookTooLong } from '../../runtime/index.ts';
import type { Reference } from '../database.ts';
import { errorCode, explainTls, isLostConnection, quoteServerMessage } from '../error-codes.ts';
import { describeServer, explainNoAnswer, type ServerAddress } from '../server-address.ts';
import { WritesRefused } from '../write-watch.ts';

// https://mariadb.com/kb/en/mariadb-error-codes/
const UNIQUE_VIOLATION = 'ER_DUP_ENTRY';
const REFERENCED = new Set(['ER_ROW_IS_REFERENCED', 'ER_ROW_IS_REFERENCED_2']);
// Text that the character set of the column cannot represent; its SQL state is unspecific.
const UNREPRESENTABLE_TEXT = 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD';
const CONFLICTS = new Set([
  // In a Galera cluster also at the commit, where another node has changed the same row.
  'ER_LOCK_DEADLOCK',
  // MariaDB: the row was changed since this transaction first looked.
  'ER_CHECKREAD',
  // The same conflict as Galera's, in MySQL's group replication.
  'ER_TRANSACTION_ROLLBACK_DURING_COMMIT',
]);
const LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_SESSION_WAS_KILLED',
  'ER_SERVER_ISNT_AVAILABLE',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_NEW_ABORTING_CONNECTION',
]);
// A replica, a former primary, or a node that its cluster has left.
const READ_ONLY = new Set([
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_READ_ONLY_MODE',
  'ER_SERVER_OFFLINE_MODE',
  // “WSREP has not yet prepared node for application use”: a node of Galera without a majority.
  'ER_UNKNOWN_COM_ERROR',
  'ER_RUN_HOOK_ERROR',
  'ER_GRP_TRX_CONSISTENCY_NOT_ALLOWED',
  'ER_GRP_TRX_CONSISTENCY_BEFORE',
  'ER_GRP_TRX_CONSISTENCY_AFTER_ON_TRX_BEGIN',
  'ER_GRP_TRX_CONSISTENCY_BEGIN_NOT_ALLOWED',
]);
const STORAGE = new Set([
  'ER_RECORD_FILE_FULL',
  'ER_DISK_FULL',
  'ER_ERROR_ON_WRITE',
  'ER_ERROR_DURING_COMMIT',
]);
const UNAVAILABLE = new Set([
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_STATEMENT_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
]);

export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION;
}

export function isRowRefusal(error: unknown): boolean {
  return errorCode(error) === UNREPRESENTABLE_TEXT || /^2[23]/.test(sqlState(error));
}

// Class 22 is data that does not fit, class 23 a constraint that does not hold, as in PostgreSQL.
function sqlState(error: unknown): string {
  return error instanceof Error && 'sqlState' in error ? String(error.sqlState) : '';
}

export function refusedBy(error: unknown): Reference | null {
  if (!REFERENCED.has(errorCode(error) ?? '') || !(error instanceof Error)) return null;
  // Without the right to read the other table, the server leaves both names out.
  const [, table, constraint = null] = /`\.`([^`]+)`, CONSTRAINT `([^`]+)`/.exec(error.message) ?? [];
  return { table: table ?? 'a table of which this user has no right', constraint };
}

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(errorCode(error) ?? '');
}

/** Whether an error says that the server does not write: a replica, a former primary, a node without its cluster. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof WritesRefused || READ_ONLY.has(errorCode(error) ?? '');
}

export function isStorageFault(error: unknown): boolean {
  return STORAGE.has(errorCode(error) ?? '');
}

export function isUnavailable(error: unknown): boolean {
  const isRefused = isReadOnly(error) || isStorageFault(error) || UNAVAILABLE.has(errorCode(error) ?? '');
  return isRefused || isConflict(error) || isLost(error);
}

/** Whether another host of the URL may do better: this one does not answer, or does not write. */
export function isElsewhere(error: unknown): boolean {
  return isLost(error) || isReadOnly(error) || errorCode(error) === 'ER_CON_COUNT_ERROR';
}

/** Whether an error says that the connection is lost or unusable. */
export function isLost(error: unknown): boolean {
  const isReported = LOST.has(errorCode(error) ?? '') || error instanceof TookTooLong;
  return isReported || isLostConnection(error) || isLostByDriver(error);
}

// The driver's own errors have no codes.
function isLostByDriver(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(?:Pool is closed|Can't add new command when connection is in closed state|Connection lost|connect ETIMEDOUT)/.test(
      error.message,
    )
  );
}

const WORDS = { authority: 'ssl_ca', anyHost: 'ssl-mode=VERIFY_CA' };

/** What an error at start means when it comes from the pool of an application, whose address is not known here. */
export function explainOnPool(error: unknown): string | null {
  if (error instanceof WritesRefused) return error.message;
  const code = errorCode(error) ?? '';
  if (code === 'ER_DBACCESS_DENIED_ERROR' || code === 'ER_TABLEACCESS_DENIED_ERROR')
    return 'the user of this pool may not make tables; GRANT it ALL on its database';
  const isSaid = isUnavailable(error) || code.startsWith('ER_ACCESS_DENIED');
  return error instanceof Error && isSaid ? quoteServerMessage(error, undefined) : null;
}

/** What an error at start means and what to do about it. */
export function explain(error: unknown, address: ServerAddress): string | null {
  const { database, user, tls } = address;
  const server = `MySQL at ${describeServer(address)}`;
  switch (errorCode(error)) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return `${server} refuses this user or password${tls.mode === 'off' ? ', or asks for TLS' : ''}`;
    case 'ER_BAD_DB_ERROR':
      return `${server} has no database “${database}”; make it with: CREATE DATABASE ${database}`;
    case 'ER_DBACCESS_DENIED_ERROR':
    case 'ER_TABLEACCESS_DENIED_ERROR':
      return `this user may not make tables in “${database}”; GRANT it ALL on that database`;
    case 'ER_SECURE_TRANSPORT_REQUIRED':
      return `${server} asks for TLS; give ssl-mode=VERIFY_IDENTITY`;
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return `${server} does not take TLS; turn it on there, or give ssl-mode=DISABLED on a network that you trust`;
  }
  if (error instanceof WritesRefused) return `${server}: ${error.message}`;
  if (isLost(error)) return explainNoAnswer(address);
  if (!(error instanceof Error)) return null;
  const isSaid = isUnavailable(error) || ('fatal' in error && error.fatal === true);
  return (
    explainTls(error, server, WORDS) ?? (isSaid ? `${server} says: ${quoteServerMessage(error, user)}` : null)
  );
}
