import { once } from 'node:events';
import { connect } from 'node:net';

export type Answer = {
  readonly status: number;
  /** The status line and the header lines. */
  readonly head: string;
  readonly body: string;
};

/** A kept-alive connection that carries one request at a time. */
export type Connection = {
  /** Sends bytes that are a complete request; they must not change until the response is read. */
  readonly request: (bytes: Uint8Array) => Promise<Answer>;
  readonly close: () => void;
};

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

const READ_BYTES = 32 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n');

/**
 * Opens a connection of a client that costs less than the fastest server: on two cores a full HTTP client would be the
 * bottleneck of the measurement.
 * @param from the address of this machine that the server is to see
 */
export async function openConnection(port: number, from = '127.0.0.1'): Promise<Connection> {
  let waiting: Waiting | null = null;
  let begun: Buffer = Buffer.alloc(0);
  const take = (count: number, buffer: Uint8Array) => {
    const read = Buffer.from(buffer.buffer, buffer.byteOffset, count);
    const bytes = begun.length === 0 ? read : Buffer.concat([begun, read]);
    const answer = wholeAnswer(bytes);
    // An incomplete response is copied, because the buffer is reused.
    begun = answer === null ? Buffer.from(bytes) : Buffer.alloc(0);
    if (answer === null) return true;
    const { resolve } = waiting ?? rejectUnrequestedAnswer();
    waiting = null;
    resolve(answer);
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafe(READ_BYTES), callback: take };
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true, onread });
  await once(socket, 'connect');
  const fail = () => waiting?.reject(new Error('the connection was closed before its answer came'));
  socket.on('error', () => {}).on('close', fail);
  return {
    request: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) fail();
        else socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/** Reads a response whose body has a `Content-Length` or is chunked; null while it is incomplete. */
function wholeAnswer(bytes: Buffer): Answer | null {
  const headLength = bytes.indexOf(END_OF_HEAD);
  if (headLength === -1) return null;
  const head = bytes.toString('latin1', 0, headLength);
  const bodyStart = headLength + END_OF_HEAD.length;
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const isWhole =
    length === undefined
      ? bytes.subarray(bodyStart).subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS)
      : bytes.length >= bodyStart + Number(length);
  if (!isWhole) return null;
  return { status: Number(head.slice(9, 12)), head, body: bytes.toString('latin1', bodyStart) };
}

function rejectUnrequestedAnswer(): never {
  throw new Error('an answer came that nobody asked for');
}
