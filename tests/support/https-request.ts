import { request as requestHttps } from 'node:https';

/** How to get to a site that no name server knows. */
export type Way = {
  readonly port: number;
  /** Whose certificates are taken, in PEM. */
  readonly authority: string;
  /** The address of this machine that the connection comes from. */
  readonly from: string;
};

/** `fetch` over HTTP/1.1 and TLS, to a port of this machine whatever the address says. */
export function fetchByWay({ port, authority, from }: Way): (request: Request) => Promise<Response> {
  return async (request) => {
    const { hostname, pathname, search } = new URL(request.url);
    const body = request.body === null ? '' : await request.text();
    const headers = {
      host: hostname,
      ...Object.fromEntries(request.headers),
      'content-length': `${body.length}`,
    };
    const options = {
      method: request.method,
      path: pathname + search,
      headers,
      host: '127.0.0.1',
      port,
      servername: hostname,
      ca: authority,
      localAddress: from,
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const outgoing = requestHttps(options, async (incoming) => {
        const answer = new Headers();
        for (const [name, values = []] of Object.entries(incoming.headersDistinct))
          for (const value of values) answer.append(name, value);
        const text = (await incoming.setEncoding('utf8').toArray()).join('');
        const { statusCode: status = 0 } = incoming;
        resolve(new Response(status === 303 || status === 308 ? null : text, { status, headers: answer }));
      });
      outgoing.on('error', reject).end(body);
    });
  };
}
