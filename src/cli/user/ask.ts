import { createInterface } from 'node:readline/promises';

/** Where somebody is asked; stdin and stderr, or two streams in a test. */
export type Terminal = {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
};

/** Asks somebody at a terminal; gives the line that they type, or nothing when they end the input instead. */
export async function askForWord(question: string, terminal: Terminal): Promise<string> {
  const lines = createInterface(terminal);
  const hasEnded = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return (await Promise.race([lines.question(question), hasEnded])).trim();
  } finally {
    lines.close();
  }
}
