import { type IncomingMessage, request } from 'node:http';

/** A response as received: no header is joined with another or left out. */
export type WireAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

export type WireRequest = {
  readonly method?: string;
  readonly path: string;
  /** A list of values is sent as one header each. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
};

/** Sends a request to a server of this machine. */
export async function sendRequest(
  port: number,
  { method = 'GET', path, headers = {}, body }: WireRequest,
): Promise<WireAnswer> {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject).end(body);
  });
  return read(incoming);
}

async function read(incoming: IncomingMessage): Promise<WireAnswer> {
  const { rawHeaders, statusCode = 0 } = incoming;
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
  const names = rawHeaders.filter((_, position) => position % 2 === 0);
  return {
    status: statusCode,
    headers: names.map((name, position) => [name.toLowerCase(), rawHeaders[2 * position + 1] ?? ''] as const),
    body,
  };
}

/** The single value of a header; null if it is missing. @throws {Error} if it occurs twice */
export function onlyHeader({ headers }: WireAnswer, name: string): string | null {
  const [value = null, ...more] = headers.flatMap(([other, text]) => (other === name ? [text] : []));
  if (more.length > 0) throw new Error(`${name} is there ${more.length + 1} times`);
  return value;
}
