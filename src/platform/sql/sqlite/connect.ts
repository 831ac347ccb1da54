import { DatabaseSync } from 'node:sqlite';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;

/** Opens a connection that writes. It blocks while another process holds the lock. */
export function connectToWrite(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
  connection.exec('PRAGMA journal_mode = WAL');
  // With FULL a commit survives a power loss.
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA foreign_keys = ON');
  return connection;
}

export function connectToRead(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MILLISECONDS });
}
