// The thread that writes: it runs one statement after the other on a connection of its own, and waits for the disk
// and for other processes, so that the event loop never does.
import { parentPort, workerData } from 'node:worker_threads';
import { connectToWrite } from './connect.ts';
import { execute, NOT_BEGUN, type Outcome, type Statement } from './execute.ts';
import { keepStatements } from './statements.ts';

export type ThreadAnswer = { readonly outcome: Outcome } | { readonly failure: ThreadFailure };

/** An error as it crosses to another thread, which would lose all but its message. */
export type ThreadFailure = {
  readonly message: string;
  readonly errcode?: unknown;
  readonly [NOT_BEGUN]?: unknown;
};

function serve(port: NonNullable<typeof parentPort>): void {
  const statements = keepStatements(connectToWrite(workerData));
  port.on('message', (order: Statement | 'close') => {
    if (order !== 'close') {
      port.postMessage(carryOut(order));
      return;
    }
    statements.close();
    port.close();
  });

  function carryOut(statement: Statement): ThreadAnswer {
    try {
      return { outcome: execute(statements, statement) };
    } catch (error) {
      return { failure: describe(error) };
    }
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
