import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { z } from 'zod';

/** A service with the range API, which knows the passwords in its set and answers as it is told. */
export type RangeApi = AsyncDisposable & {
  readonly url: URL;
  readonly known: Set<string>;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** How it answers from now on; as it should when it is null. */
  answer: ((response: ServerResponse) => void) | null;
};

const PADDING_LINES = 20;

export async function startRangeApi(): Promise<RangeApi> {
  const known = new Set<string>();
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    requests.push({ path: url, headers });
    if (api.answer !== null) api.answer(response);
    else response.setHeader('content-type', 'text/plain').end(rangeOf(known, url.slice('/range/'.length)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const api: RangeApi = {
    url: new URL(`http://127.0.0.1:${port}`),
    known,
    requests,
    answer: null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

/** The SHA-1 of a password as the service writes it. */
export function sha1(password: string): string {
  return hash('sha1', password, 'hex').toUpperCase();
}

/** The lines of a range, in which those that are padding have the count 0. */
function rangeOf(known: ReadonlySet<string>, prefix: string): string {
  const hits = [...known].map(sha1).filter((digest) => digest.startsWith(prefix));
  const padding = Array.from({ length: PADDING_LINES }, (_, number) => sha1(`${prefix} ${number}`).slice(5));
  const lines = [...hits.map((digest) => `${digest.slice(5)}:7`), ...padding.map((suffix) => `${suffix}:0`)];
  return lines.toSorted().join('\r\n');
}
