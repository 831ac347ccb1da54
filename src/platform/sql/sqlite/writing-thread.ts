// The writing thread: it runs one statement after the other on its own connection and waits for the disk and for other
// processes, so that the event loop does not.
import { parentPort } from 'node:worker_threads';
import type { SqliteDatabase } from 'kysely';
import { connectToWrite } from './connect.ts';
import { execute, keepStatements, NOT_BEGUN, type Outcome, type Statement } from './statements.ts';

/** Opens a file, runs a statement on it, or closes it. */
export type Order = { readonly open: string } | Statement | 'close';

export type ThreadAnswer =
  | { readonly outcome: Outcome }
  | { readonly failure: ThreadFailure }
  | { readonly closed: true };

/** An error as a message between threads, which would lose all but its message. */
export type ThreadFailure = {
  readonly message: string;
  readonly errcode?: unknown;
  readonly [NOT_BEGUN]?: unknown;
};

function serve(port: NonNullable<typeof parentPort>): void {
  let statements: SqliteDatabase | null = null;
  port.on('message', (order: Order) => {
    // An error here ends the thread: without an open file it has no use.
    if (order === 'close') {
      statements?.close();
      statements = null;
      port.postMessage({ closed: true } satisfies ThreadAnswer);
    } else if ('open' in order) statements = keepStatements(connectToWrite(order.open));
    else port.postMessage(carryOut(statements, order));
  });
}

function carryOut(statements: SqliteDatabase | null, statement: Statement): ThreadAnswer {
  try {
    if (statements === null) throw new Error('no file is open');
    return { outcome: execute(statements, statement) };
  } catch (error) {
    return { failure: describe(error) };
  }
}

function describe(error: unknown): ThreadFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    message: error.message,
    ...('errcode' in error && { errcode: error.errcode }),
    ...(NOT_BEGUN in error && { [NOT_BEGUN]: error[NOT_BEGUN] }),
  };
}

if (parentPort !== null) serve(parentPort);
