import { z } from 'zod';
import { TookTooLong } from '../../runtime/index.ts';
import type { Reference } from '../database.ts';
import { errorCode, explainTls, isLostConnection, quoteServerMessage } from '../error-codes.ts';
import { describeServer, explainNoAnswer, type ServerAddress } from '../server-address.ts';
import { WritesRefused } from '../write-watch.ts';
import { NOT_BOUND } from './channel-binding.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const INVALID_STATEMENT_NAME = '26000';
const DUPLICATE_PREPARED_STATEMENT = '42P05';
const TOO_MANY_CONNECTIONS = '53300';
// The server ends this connection, or all of them.
const ENDING = new Set(['57P01', '57P02', '57P03', '57P05']);
const READ_ONLY = '25006';
// A standby has its own codes for a few statements.
const FEATURE_NOT_SUPPORTED = '0A000';
const NOT_IN_PREREQUISITE_STATE = '55000';
// The disk is full, or fails.
const STORAGE = new Set(['53100', '58030']);
const UNAVAILABLE = new Set(['53200', '53300', '55P03', '57014']);

/** The names that an error about a constraint has. */
const named = z.object({ schema: z.string(), table: z.string(), constraint: z.string() });

export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION;
}

export function isRowRefusal(error: unknown): boolean {
  // Class 22 is data that does not fit, class 23 a constraint that does not hold.
  return /^2[23]/.test(errorCode(error) ?? '');
}

export function refusedBy(error: unknown): Reference | null {
  if (errorCode(error) !== FOREIGN_KEY_VIOLATION || !(error instanceof Error)) return null;
  const { schema, table, constraint } = named.parse(error);
  return { table: `${schema}.${table}`, constraint };
}

export function isConflict(error: unknown): boolean {
  const code = errorCode(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK || isForgotten(error);
}

/**
 * Whether a named statement is not, or already, known to the connection that a pooler has chosen. Nothing was run, and
 * statements without names follow.
 */
export function isForgotten(error: unknown): boolean {
  const code = errorCode(error);
  return code === INVALID_STATEMENT_NAME || code === DUPLICATE_PREPARED_STATEMENT;
}

/** Whether a pooler refuses a connection because of the timeout of statements. */
export function refusesTimeout(error: unknown): boolean {
  return error instanceof Error && /^unsupported startup parameter: statement_timeout$/.test(error.message);
}

/** Whether another host of the URL may do better: this one does not answer, or does not write. */
export function isElsewhere(error: unknown): boolean {
  // The pool of this host is only busy.
  const isBusy = error instanceof Error && error.message === 'timeout exceeded when trying to connect';
  return !isBusy && (isLost(error) || isReadOnly(error) || errorCode(error) === TOO_MANY_CONNECTIONS);
}

/** Whether an error says that the server only reads: a standby, or a former primary. */
export function isReadOnly(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error);
  const isOfStandby = code === FEATURE_NOT_SUPPORTED || code === NOT_IN_PREREQUISITE_STATE;
  return (
    error instanceof WritesRefused ||
    code === READ_ONLY ||
    (isOfStandby && /\b(?:recovery|hot standby)\b/.test(error.message))
  );
}

export function isStorageFault(error: unknown): boolean {
  return STORAGE.has(errorCode(error) ?? '');
}

export function isUnavailable(error: unknown): boolean {
  const isRefused = isReadOnly(error) || isStorageFault(error) || UNAVAILABLE.has(errorCode(error) ?? '');
  // A conflict that outlasted its retries is load, not a defect.
  return isRefused || isConflict(error) || isLost(error);
}

/** Whether an error says that the connection is lost or unusable. */
export function isLost(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  // Class 08 is connection exceptions.
  const isReported = ENDING.has(code) || code.startsWith('08');
  const hasEnded = isReported || error instanceof TookTooLong;
  return hasEnded || isLostConnection(error) || isLostByDriver(error);
}

// The driver's own errors have no codes.
function isLostByDriver(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after|driver has already been destroyed|The client is closed|Client was closed)/.test(
    error.message,
  );
}

const LOCKED = 'another process has been changing the schema for ten minutes';
const WORDS = { authority: 'sslrootcert', anyHost: 'sslmode=verify-ca' };

/** What an error at start means when it comes from the pool of an application, whose address is not known here. */
export function explainOnPool(error: unknown): string | null {
  if (error instanceof WritesRefused) return error.message;
  const code = errorCode(error);
  if (code === '55P03') return LOCKED;
  if (code === '42501')
    return 'the user of this pool may not make tables; let it own the database, or grant it CREATE on it';
  const isSaid = isUnavailable(error) || (error instanceof Error && 'severity' in error);
  return error instanceof Error && isSaid ? quoteServerMessage(error, undefined) : null;
}

/** What an error at start means and what to do about it. */
export function explain(error: unknown, address: ServerAddress): string | null {
  const { database, user } = address;
  const server = `PostgreSQL at ${describeServer(address)}`;
  switch (errorCode(error)) {
    case '28P01':
      return `${server} refuses this user or password`;
    case '28000':
      return `${server} refuses this user; is there one, and does pg_hba.conf let it in from here and with this sslmode?`;
    case '3D000':
      return `${server} has no database “${database}”; make it with: createdb ${database}`;
    case '55P03':
      return LOCKED;
    case '42501':
      return `this user may not make tables in “${database}”; let it own the database, or grant it CREATE on it`;
  }
  if (!(error instanceof Error)) return null;
  if (error instanceof WritesRefused) return `${server}: ${error.message}`;
  if (error.message === NOT_BOUND)
    return `${server} binds no login to its TLS connection, or another server answers for it; give sslmode=verify-full instead of channel_binding=require`;
  if (/statement pooling mode/.test(error.message))
    return `${server} is a pooler with pool_mode=statement, in which there are no transactions; set pool_mode to transaction`;
  if (/does not support SSL/.test(error.message))
    return `${server} does not take TLS; turn it on there, or give sslmode=disable on a network that you trust`;
  if (/password must be a string/.test(error.message))
    return `${server} asks for a password, and the URL has none`;
  if (/^(?:Received unexpected|There was an error establishing an SSL)/.test(error.message))
    return `what answers at ${describeServer(address)} is no PostgreSQL`;
  const isSaid = 'severity' in error && (error.severity === 'FATAL' || isUnavailable(error));
  if (isSaid) return `${server} says: ${quoteServerMessage(error, user)}`;
  return explainTls(error, server, WORDS) ?? (isLost(error) ? explainNoAnswer(address) : null);
}
