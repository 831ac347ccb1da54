import { hash } from 'node:crypto';

/** Thrown when the service gives no answer that can be believed; its reason has nothing of the password in it. */
export class RangeApiFailed extends Error {
  readonly reason: RangeApiFailure;
  constructor(reason: RangeApiFailure, options?: ErrorOptions) {
    super(`the range API gave no answer: ${reason}`, options);
    this.name = 'RangeApiFailed';
    this.reason = reason;
  }
}

export type RangeApiFailure = 'unreachable' | 'timed-out' | 'refused' | 'too-large' | 'malformed';

/** A whole range has some two thousand lines of forty characters; so much is several of it. */
const MOST_BYTES = 512 * 1024;
const PREFIX_CHARACTERS = 5;
const LINE = /^([0-9A-F]{35}):(\d{1,15})$/i;

/**
 * Whether a password is among those that were stolen. Five of the forty characters of its SHA-1 leave this machine, and
 * the padding hides the length of the answer from eavesdroppers.
 * @param base such as `https://api.pwnedpasswords.com`
 * @param signal ends it; the time for the whole answer is the caller's business
 * @throws {RangeApiFailed}
 * @see https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange
 */
export async function isInRange(base: URL, password: string, signal: AbortSignal): Promise<boolean> {
  const digest = hash('sha1', password, 'hex').toUpperCase();
  const text = await fetchRange(base, digest.slice(0, PREFIX_CHARACTERS), signal);
  const suffix = digest.slice(PREFIX_CHARACTERS);
  const lines = text.trimEnd().split(/\r?\n/);
  // All of them are read: an answer that is garbled somewhere proves nothing by what is missing from it.
  return lines.map(readLine).some((line) => line.suffix === suffix && line.count > 0);
}

async function fetchRange(base: URL, prefix: string, signal: AbortSignal): Promise<string> {
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/range/${prefix}`, base);
  const headers = { 'add-padding': 'true', accept: 'text/plain', 'user-agent': 'Latchkey' };
  try {
    const response = await fetch(url, { headers, signal, redirect: 'error', credentials: 'omit' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new RangeApiFailed('refused');
    }
    return await readAtMost(response, MOST_BYTES);
  } catch (error) {
    if (error instanceof RangeApiFailed) throw error;
    throw new RangeApiFailed(signal.aborted ? 'timed-out' : 'unreachable', { cause: error });
  }
}

async function readAtMost({ body }: Response, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (bytes > mostBytes) throw new RangeApiFailed('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

// A count of 0 marks the entry as padding.
function readLine(line: string): { readonly suffix: string; readonly count: number } {
  const [, suffix, count] = LINE.exec(line) ?? [];
  if (suffix === undefined) throw new RangeApiFailed('malformed');
  return { suffix: suffix.toUpperCase(), count: Number(count) };
}
