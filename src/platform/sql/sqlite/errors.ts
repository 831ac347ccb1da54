// Extended result codes, https://www.sqlite.org/rescode.html
const CONSTRAINT_PRIMARY_KEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT = 19;
const CONSTRAINT_FOREIGN_KEY = 787;
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const FULL = 13;
const CANNOT_OPEN = 14;
const STORAGE = new Set([READ_ONLY, IO_ERROR, FULL, CANNOT_OPEN]);
const UNAVAILABLE = new Set([BUSY, LOCKED, ...STORAGE]);

export function isUniqueViolation(error: unknown): boolean {
  const code = resultCode(error);
  return code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARY_KEY;
}

export function isRowRefusal(error: unknown): boolean {
  const code = resultCode(error);
  return code !== null && (code & 0xff) === CONSTRAINT;
}

export function isForeignKeyViolation(error: unknown): boolean {
  return resultCode(error) === CONSTRAINT_FOREIGN_KEY;
}

export function isUnavailable(error: unknown): boolean {
  const code = resultCode(error);
  return code !== null && UNAVAILABLE.has(code & 0xff);
}

/** Whether nothing can be stored: the disk is full or fails, or the file is read-only. */
export function isStorageFault(error: unknown): boolean {
  const code = resultCode(error);
  return code !== null && STORAGE.has(code & 0xff);
}

function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}
