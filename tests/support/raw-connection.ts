import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

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
  await once(socket, 'connect');
  return sendOver(socket, text);
}

/** The same over a connection that is there already, encrypted or not. */
export async function sendOver(socket: Socket, text: string): Promise<RawAnswer> {
  const received = readAll(socket);
  socket.write(text, 'latin1');
  const whole = await received;
  return { text: whole, statuses: statusesIn(whole) };
}

/** Reads as Latin-1 until the connection is closed. */
export async function readAll(socket: Socket): Promise<string> {
  socket.setEncoding('latin1');
  let received = '';
  socket.on('data', (data: string) => {
    received += data;
  });
  // A server that has answered may reset the connection while bytes are still on their way to it.
  socket.on('error', () => {});
  await once(socket, 'close');
  return received;
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
