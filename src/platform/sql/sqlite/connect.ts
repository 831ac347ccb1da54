import type { DatabaseSync } from 'node:sqlite';

const sqlite = loadSqlite();

/** An import would fail with a stack that says nothing of versions: node:sqlite is older than what is used of it. */
function loadSqlite(): typeof import('node:sqlite') {
  const found = process.getBuiltinModule?.('node:sqlite');
  if (found === undefined || !('setReturnArrays' in found.StatementSync.prototype))
    throw new Error(`Latchkey needs Node.js 22.16 or later; this is ${process.version}.`);
  return found;
}

const BUSY_TIMEOUT_MILLISECONDS = 5_000;

/** Opens a connection that writes. It blocks while another process holds the lock. */
export function connectToWrite(path: string): DatabaseSync {
  const connection = new sqlite.DatabaseSync(path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
  connection.exec('PRAGMA journal_mode = WAL');
  // With FULL a commit survives a power loss.
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA foreign_keys = ON');
  return connection;
}

export function connectToRead(path: string): DatabaseSync {
  return new sqlite.DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MILLISECONDS });
}
