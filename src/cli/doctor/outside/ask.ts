import { type IncomingMessage, request as requestPlainly } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { SECOND } from '../../../platform/runtime/clock.ts';

/** The longest that any one look at a server may take, in milliseconds. */
export const PATIENCE = 5 * SECOND;

const MOST_BYTES = 64 * 1024;

/** What a server answered: its first 64 KB, and each header as it came. */
export type Answer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

export type Request = { readonly path: string; readonly headers?: Readonly<Record<string, string>> };

/** Where to ask. */
export type Target = { readonly isSecure: boolean; readonly hostname: string; readonly port: number };

/**
 * Asks with GET. No redirect is followed, no cookie is kept, and the certificate is not
 * looked at: that is a check of its own, and nothing secret is sent.
 * @param patience in milliseconds
 * @throws {Error} when no answer comes in that time
 */
export async function ask(
  { isSecure, hostname, port }: Target,
  { path, headers = {} }: Request,
  patience: number = PATIENCE,
): Promise<Answer> {
  const options = {
    host: hostname,
    port,
    path,
    headers: { accept: 'text/html', ...headers },
    agent: false,
    signal: AbortSignal.timeout(patience),
  };
  const outgoing = isSecure
    ? requestSecurely({ ...options, rejectUnauthorized: false })
    : requestPlainly(options);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).on('error', reject).end();
  });
  return read(incoming);
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    chunks.push(part);
    bytes += part.length;
    if (bytes >= MOST_BYTES) break;
  }
  const { rawHeaders, statusCode = 0 } = incoming;
  const names = rawHeaders.filter((_, position) => position % 2 === 0);
  return {
    status: statusCode,
    headers: names.map((name, position) => [name.toLowerCase(), rawHeaders[2 * position + 1] ?? '']),
    body: Buffer.concat(chunks).toString('utf8', 0, MOST_BYTES),
  };
}

/** Every value of a header, in their order. */
export function valuesOf({ headers }: Answer, name: string): readonly string[] {
  return headers.flatMap(([other, value]) => (other === name ? [value] : []));
}
