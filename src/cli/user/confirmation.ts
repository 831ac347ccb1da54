import { createInterface } from 'node:readline/promises';
import type { Account } from '../../auth/accounts/accounts.ts';
import { CommandError, UsageError } from '../command.ts';

/** Where somebody is asked; stdin and stderr, or two streams in a test. */
export type Terminal = {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
};

/**
 * Has somebody at a terminal type the name of the account that is to be deleted.
 * @throws {CommandError} when they type anything else
 * @throws {UsageError} when nobody sits there
 */
export async function confirmDeletion({ id, username }: Account, terminal: Terminal): Promise<void> {
  if (terminal.input.isTTY !== true) {
    throw new UsageError(
      `This would delete ${username} (${id}) for good; where nobody can be asked, give --yes`,
    );
  }
  const question = `This deletes ${username} (${id}) for good. Type the username to go on: `;
  if ((await ask(question, terminal)) !== username) throw new CommandError('Nothing was deleted');
}

/** The line that somebody types, or nothing when they end the input instead. */
async function ask(question: string, terminal: Terminal): Promise<string> {
  const lines = createInterface(terminal);
  const hasEnded = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return (await Promise.race([lines.question(question), hasEnded])).trim();
  } finally {
    lines.close();
  }
}
