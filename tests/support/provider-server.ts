import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { z } from 'zod';

/** A server of this machine that stands for another site. */
export type ProviderServer = AsyncDisposable & {
  readonly origin: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  /** Ends it as a crash does; nobody answers there any more. */
  readonly stop: () => Promise<void>;
};

/** @param listen what answers; it is given where the server is */
export async function startProviderServer(
  listen: (origin: string) => RequestListener,
): Promise<ProviderServer> {
  const asked: string[] = [];
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const origin = `http://127.0.0.1:${port}`;
  answer = listen(origin);
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { origin, asked, stop, [Symbol.asyncDispose]: stop };
}

/** The fields of a form that was sent. */
export async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return new URLSearchParams(body);
}
