import { hash } from 'node:crypto';
import {
  createOutboundFetch,
  type OutboundFetch,
  type OutboundReason,
  OutboundRefused,
  type Proxies,
} from '../../../platform/outbound/index.ts';

/** Thrown when the service gives no answer that can be believed; its reason has nothing of the password in it. */
export class RangeApiFailed extends Error {
  readonly reason: RangeApiFailure;
  constructor(reason: RangeApiFailure, options?: ErrorOptions) {
    super(`the range API gave no answer: ${reason}`, options);
    this.name = 'RangeApiFailed';
    this.reason = reason;
  }
}

export type RangeApiFailure =
  | 'unreachable'
  | 'timed-out'
  | 'refused'
  | 'too-large'
  | 'malformed'
  | OutboundReason;

/** A whole range has some two thousand lines of forty characters; so much is several of it. */
const MOST_BYTES = 512 * 1024;
const PREFIX_CHARACTERS = 5;
const LINE = /^([0-9A-F]{35}):(\d{1,15})$/i;

/** A range API, and how it is requested. */
export type RangeApi = {
  /** Such as `https://api.pwnedpasswords.com`. */
  readonly url: URL;
  readonly fetch: OutboundFetch;
};

/** The operator names the service, which may be a mirror of the inside. */
export function rangeApiAt(url: URL, proxies: Proxies): RangeApi {
  const fetch = createOutboundFetch({
    isPrivateNetworkAllowed: true,
    proxies,
    maxBytes: MOST_BYTES,
    keepsConnections: true,
  });
  return { url, fetch };
}

/**
 * Whether a password is among those that were stolen. Five of the forty characters of its SHA-1 leave this machine, and
 * the padding hides the length of the answer from eavesdroppers.
 * @param signal ends it; the time for the whole answer is the caller's business
 * @throws {RangeApiFailed}
 * @see https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange
 */
export async function isInRange(api: RangeApi, password: string, signal: AbortSignal): Promise<boolean> {
  const digest = hash('sha1', password, 'hex').toUpperCase();
  const text = await fetchRange(api, digest.slice(0, PREFIX_CHARACTERS), signal);
  const suffix = digest.slice(PREFIX_CHARACTERS);
  const lines = text.trimEnd().split(/\r?\n/);
  // All of them are read: an answer that is garbled somewhere proves nothing by what is missing from it.
  return lines.map(readLine).some((line) => line.suffix === suffix && line.count > 0);
}

/**
 * Requests a range that depends on no password.
 * @returns why the service gave no answer; null if it did
 */
export async function probeRangeApi(api: RangeApi, signal: AbortSignal): Promise<RangeApiFailed | null> {
  try {
    (await fetchRange(api, '00000', signal)).trimEnd().split(/\r?\n/).map(readLine);
    return null;
  } catch (error) {
    if (error instanceof RangeApiFailed) return error;
    throw error;
  }
}

/** @param prefix five hexadecimal digits @throws {RangeApiFailed} */
async function fetchRange(
  { url: base, fetch }: RangeApi,
  prefix: string,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/range/${prefix}`, base);
  const headers = { 'add-padding': 'true', accept: 'text/plain' };
  try {
    const response = await fetch(url.href, { headers, signal });
    if (response.status !== 200) throw new RangeApiFailed('refused');
    return Buffer.from(await response.arrayBuffer()).toString('latin1');
  } catch (error) {
    if (error instanceof RangeApiFailed) throw error;
    if (error instanceof OutboundRefused) {
      const reason = error.reason === 'answer-too-large' ? 'too-large' : error.reason;
      throw new RangeApiFailed(reason, { cause: error });
    }
    throw new RangeApiFailed(signal.aborted ? 'timed-out' : 'unreachable', { cause: error });
  }
}

// A count of 0 marks the entry as padding.
function readLine(line: string): { readonly suffix: string; readonly count: number } {
  const [, suffix, count] = LINE.exec(line) ?? [];
  if (suffix === undefined) throw new RangeApiFailed('malformed');
  return { suffix: suffix.toUpperCase(), count: Number(count) };
}
