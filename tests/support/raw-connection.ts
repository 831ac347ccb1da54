import { once } from 'node:events';
import { connect } from 'node:net';

/** What a server wrote on a connection until it closed it, with the status lines and headers in it. */
export type RawAnswer = {
  readonly text: string;
  /** The statuses, in the order of the answers. */
  readonly statuses: readonly number[];
};

/**
 * Sends bytes as they are and reads until the server closes the connection.
 * @param text Latin-1, so that any byte can be written
 */
export async function sendRaw(port: number, text: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  let received = '';
  socket.on('data', (data: string) => {
    received += data;
  });
  // A server that has answered may reset the connection while bytes are still on their way to it.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return { text: received, statuses: statusesIn(received) };
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
