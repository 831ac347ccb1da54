import type { TLSSocket } from 'node:tls';

/** Frames of HTTP/2 written by hand (RFC 9113 §4.1), for what no client library would send. */
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  continuation: 9,
} as const;
export const FLAG = { endStream: 1, acknowledge: 1, endHeaders: 4 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD_BYTES = 9;

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields as literals that enter no table (RFC 7541 §6.2.2), so that nothing about them is checked or packed. */
export function fields(list: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(list.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([length(bytes.length), bytes]);
}

// RFC 7541 §5.1, with a prefix of seven bits
function length(count: number): Buffer {
  if (count < 127) return Buffer.of(count);
  const digits = [127];
  let left = count - 127;
  for (; left >= 128; left = Math.floor(left / 128)) digits.push((left % 128) | 128);
  return Buffer.from([...digits, left]);
}

export type Http2Wire = {
  /** Frames that have come so far. */
  readonly frames: readonly Frame[];
  readonly send: (...bytes: readonly Uint8Array[]) => void;
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<unknown>;
  readonly destroy: () => void;
};

/** Speaks HTTP/2 frame by frame over a connection that has agreed on it. */
export function speakHttp2(socket: TLSSocket): Http2Wire {
  const frames: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3);
      const [type, flags, stream] = [rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5)];
      frames.push({ type, flags, stream, payload: rest.subarray(HEAD_BYTES, end) });
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(PREFACE);
  socket.write(frame(FRAME.settings, 0, 0));
  return {
    frames,
    send: (...bytes) => {
      for (const each of bytes) socket.write(each);
    },
    closed,
    destroy: () => socket.destroy(),
  };
}
