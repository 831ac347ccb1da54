import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:net';
import { z } from 'zod';

/** The other end of the connection of the request that is being answered; the empty text where it has no address. */
const peer = new AsyncLocalStorage<string>();
let isWatching = false;

const socket = z.object({ remoteAddress: z.string().optional() });
const http1Request = z.object({ socket, server: z.instanceof(Server).optional() });
const http2Stream = z.object({ stream: z.object({ session: z.object({ socket }).optional() }) });

/**
 * Remembers the address of each connection while its request is answered, in every HTTP server of this process. Most
 * frameworks pass a `Request` without it (Next.js, React Router, Astro), and one that a header states can be made up.
 * @see https://nodejs.org/api/diagnostics_channel.html#http
 */
export function watchConnections(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe('http.server.request.start', (message) => {
    const found = http1Request.safeParse(message);
    peer.enterWith(found.success ? addressOf(found.data) : '');
  });
  subscribe('http2.server.stream.start', (message) => {
    const found = http2Stream.safeParse(message);
    peer.enterWith(found.success ? (found.data.stream.session?.socket.remoteAddress ?? '') : '');
  });
}

// A Unix socket has no address. Only processes of this machine can open it: a proxy, or a development server.
function addressOf({ socket: { remoteAddress }, server }: z.infer<typeof http1Request>): string {
  return remoteAddress ?? (typeof server?.address() === 'string' ? LOOPBACK : '');
}

const LOOPBACK = '127.0.0.1';

/** The address of the connection that the current request came by, or null where no HTTP server of Node.js received it. */
export function currentPeer(): string | null {
  return peer.getStore() || null;
}
