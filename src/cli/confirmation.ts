import { createInterface } from 'node:readline/promises';
import type { Account } from '../auth/accounts/accounts.ts';
import { CommandError, UsageError } from '../platform/command-line/index.ts';

/** Stdin and stderr, or two streams in a test. */
type Terminal = {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
};

/**
 * Asks the operator to type the name of the account that is to be deleted.
 * @throws {CommandError} for any other text
 * @throws {UsageError} if the input is no terminal
 */
export async function confirmDeletion({ id, username }: Account, terminal: Terminal): Promise<void> {
  if (terminal.input.isTTY !== true)
    throw new UsageError(`This would delete ${username} (${id}) for good; without a terminal, give --yes`);
  const question = `This deletes ${username} (${id}) for good. Type the username to go on: `;
  const lines = createInterface(terminal);
  const hasEnded = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const typed = await Promise.race([lines.question(question), hasEnded]);
    if (typed.trim() !== username) throw new CommandError('Nothing was deleted');
  } finally {
    lines.close();
  }
}
