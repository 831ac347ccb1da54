import { TookTooLong } from '../../runtime/index.ts';
import type { Reference } from '../database.ts';
import { errorCode, explainTls, isLostConnection, quoteServerMessage } from '../error-codes.ts';
import { describeServer, explainNoAnswer, type ServerAddress } from '../server-address.ts';

// https://mariadb.com/kb/en/mariadb-error-codes/
const UNIQUE_VIOLATION = 'ER_DUP_ENTRY';
const REFERENCED = new Set(['ER_ROW_IS_REFERENCED', 'ER_ROW_IS_REFERENCED_2']);
// Text that the character set of the column cannot represent; its SQL state is unspecific.
const UNREPRESENTABLE_TEXT = 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD';
const DEADLOCK = 'ER_LOCK_DEADLOCK';
// MariaDB: the row was changed since this transaction first looked.
const CHANGED_MEANWHILE = 'ER_CHECKREAD';
const LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
]);
const UNAVAILABLE = new Set([
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_STATEMENT_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_RECORD_FILE_FULL',
  'ER_DISK_FULL',
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
  const code = errorCode(error);
  return code === DEADLOCK || code === CHANGED_MEANWHILE;
}

export function isUnavailable(error: unknown): boolean {
  return UNAVAILABLE.has(errorCode(error) ?? '') || isConflict(error) || isLost(error);
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
  if (isLost(error)) return explainNoAnswer(address);
  if (!(error instanceof Error)) return null;
  const isSaid = isUnavailable(error) || ('fatal' in error && error.fatal === true);
  return (
    explainTls(error, server, WORDS) ?? (isSaid ? `${server} says: ${quoteServerMessage(error, user)}` : null)
  );
}
