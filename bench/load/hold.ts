import { connect, type Socket } from 'node:net';

const AT_ONCE = 200;
const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Connections that have each received one response and then stay idle. */
export type Held = {
  readonly count: number;
  /** How many of them the server has closed since. */
  readonly lost: () => number;
  readonly close: () => Promise<void>;
};

/** Opens `count` connections to a port of this machine. */
export async function holdConnections(port: number, count: number): Promise<Held> {
  const sockets: Socket[] = [];
  // The content is not used, so one buffer is enough for all connections.
  const buffer = Buffer.allocUnsafe(4 * 1024);
  while (sockets.length < count) {
    const batch = Math.min(AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: batch }, () => hold(port, buffer)))));
  }
  return {
    count,
    lost: () => sockets.filter(({ destroyed }) => destroyed).length,
    close: async () => {
      await Promise.all(sockets.map(closed));
    },
  };
}

function hold(port: number, buffer: Buffer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onread = {
      buffer,
      callback: () => {
        resolve(socket);
        return true;
      },
    };
    const socket = connect({ port, host: '127.0.0.1', onread });
    socket.on('error', reject).on('close', () => reject(new Error('the server has closed a connection')));
    socket.write(REQUEST);
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
