import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import {
  FLAG,
  FRAME,
  fields,
  frame,
  type Http2Answer,
  type Http2Wire,
  requestOverHttp2,
  speakHttp2,
  startTlsServer,
  type TlsServer,
} from '../kit/wire.ts';

type Fields = readonly (readonly [string, string])[];

const head = (server: TlsServer, more: Fields = [], path = '/healthz'): Fields => [
  [':method', 'GET'],
  [':path', path],
  [':scheme', 'https'],
  [':authority', `localhost:${server.port}`],
  ...more,
];

const WHOLE = FLAG.endHeaders | FLAG.endStream;

async function wireTo(server: TlsServer): Promise<Http2Wire> {
  return speakHttp2(await server.connect({ ALPNProtocols: ['h2'] }));
}

/** Whether another client is served at this moment. */
async function serves(server: TlsServer): Promise<Http2Answer['status']> {
  const session = await server.connectHttp2();
  const { status } = await requestOverHttp2(session, { ':path': '/login' });
  session.close();
  return status;
}

/** Repeats the same frames until the server has ended the connection. */
async function floods(wire: Http2Wire, next: (number: number) => readonly Uint8Array[]): Promise<void> {
  let hasEnded = false;
  const over = wire.closed.then(() => {
    hasEnded = true;
  });
  for (let number = 0; !hasEnded && number < 200_000; number += 1) {
    wire.send(...next(number));
    if (number % 100 === 0) await new Promise(setImmediate);
  }
  await over;
}

/** Sends one request frame by frame. @returns its status, or the type of the frame by which it was refused */
async function outcomeOf(server: TlsServer, list: Fields, body?: string): Promise<string> {
  const wire = await wireTo(server);
  wire.send(frame(FRAME.headers, body === undefined ? WHOLE : FLAG.endHeaders, 1, fields(list)));
  if (body !== undefined) wire.send(frame(FRAME.data, FLAG.endStream, 1, Buffer.from(body)));
  const find = () =>
    wire.frames.find(
      ({ type, stream }) =>
        type === FRAME.goAway || (stream === 1 && (type === FRAME.headers || type === FRAME.reset)),
    );
  await until('it is answered or refused', () => find() !== undefined);
  wire.destroy();
  const found = find();
  if (found?.type !== FRAME.headers) return found?.type === FRAME.reset ? 'reset' : 'goaway';
  // Its first field is the status: one of the static table (RFC 7541 appendix A), or a literal.
  const [first = 0] = found.payload;
  const known: Readonly<Record<number, string>> = { 136: '200', 140: '400', 141: '404' };
  return known[first] ?? /\d{3}/.exec(found.payload.toString('latin1'))?.[0] ?? 'unknown';
}

describe('a flood of HTTP/2 frames', () => {
  it('A55: that resets each request at once ends the session (CVE-2023-44487)', async () => {
    await using server = await startTlsServer();
    const wire = await wireTo(server);
    const request = fields(head(server));
    await floods(wire, (number) => [
      frame(FRAME.headers, WHOLE, 2 * number + 1, request),
      frame(FRAME.reset, 0, 2 * number + 1, Buffer.from([0, 0, 0, 8])),
    ]);
    assert.ok(wire.frames.some(({ type }) => type === FRAME.goAway));
    assert.equal(await serves(server), 200);
  });

  it('A55: of CONTINUATION type ends the session (CVE-2024-27983)', async () => {
    await using server = await startTlsServer();
    const wire = await wireTo(server);
    wire.send(frame(FRAME.headers, FLAG.endStream, 1, fields(head(server))));
    await floods(wire, () => [frame(FRAME.continuation, 0, 1, fields([['x', 'y']]))]);
    assert.equal(await serves(server), 200);
  });

  it('A55: of SETTINGS or PING type whose answers are not read ends the session (CVE-2019-9512, -9515)', async () => {
    await using server = await startTlsServer();
    for (const [type, payload] of [
      [FRAME.settings, 0],
      [FRAME.ping, 8],
    ] as const) {
      const socket = await server.connect({ ALPNProtocols: ['h2'] });
      const wire = speakHttp2(socket);
      socket.pause();
      const flood = Buffer.concat(
        Array.from({ length: 10_000 }, () => frame(type, 0, 0, Buffer.alloc(payload))),
      );
      socket.on('close', () => {});
      wire.send(flood, flood);
      socket.resume();
      await floods(wire, () => [flood]);
    }
    assert.equal(await serves(server), 200);
  });

  it('A55: of DATA type for an unknown stream ends the session', async () => {
    await using server = await startTlsServer();
    const wire = await wireTo(server);
    await floods(wire, () => [frame(FRAME.data, 0, 99, Buffer.from('x'))]);
    assert.equal(await serves(server), 200);
  });
});

describe('an HTTP/2 request', () => {
  it('A55: with too many or too large headers is refused with 431, RST_STREAM or GOAWAY', async () => {
    await using server = await startTlsServer();
    const many: Fields = Array.from({ length: 120 }, (_, number) => [`x-${number}`, 'y'] as const);
    assert.equal(await outcomeOf(server, head(server, many)), '431');
    const tooMany: Fields = Array.from({ length: 1_000 }, (_, number) => [`x-${number}`, 'y'] as const);
    assert.match(await outcomeOf(server, head(server, tooMany)), /reset|goaway/);
    assert.match(await outcomeOf(server, head(server, [['cookie', 'x'.repeat(17_000)]])), /reset|goaway|431/);
    assert.equal(await serves(server), 200);
  });

  it('A55: with too long a URL is refused with 414, and one with too large a body with 413', async () => {
    await using server = await startTlsServer();
    assert.equal(await outcomeOf(server, head(server, [], `/${'x'.repeat(9_000)}`)), '414');
    const session = await server.connectHttp2();
    const form = {
      ':method': 'POST',
      ':path': '/login',
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    };
    assert.equal((await requestOverHttp2(session, form, 'x'.repeat(1_000_000))).status, 413);
    session.close();
  });

  it('A55: beyond one hundred concurrent streams is refused, and other sessions are still served', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    assert.equal(session.remoteSettings.maxConcurrentStreams, 100);
    session.close();
    const wire = await wireTo(server);
    const open = fields([[':method', 'POST'], ...head(server, [], '/login').slice(1)]);
    for (let number = 0; number < 120; number += 1)
      wire.send(frame(FRAME.headers, FLAG.endHeaders, 2 * number + 1, open));
    const refused = () =>
      wire.frames.some(({ type, payload }) => type === FRAME.reset && payload.at(3) === 7);
    await until('one is refused', () => refused() || wire.frames.some(({ type }) => type === FRAME.goAway));
    wire.destroy();
    assert.equal(await serves(server), 200);
  });

  it('A55: that an intermediary could read as another request is refused', async () => {
    await using server = await startTlsServer();
    const form = (more: Fields): Fields => [
      [':method', 'POST'],
      ...head(server, [], '/login').slice(1),
      ['content-type', 'application/x-www-form-urlencoded'],
      ['sec-fetch-site', 'same-origin'],
      ...more,
    ];
    const cases: readonly (readonly [Fields, string?])[] = [
      [form([['content-length', '3']]), 'csrf=x'],
      [form([['content-length', '50']]), 'csrf=x'],
      [
        form([
          ['content-length', '6'],
          ['content-length', '7'],
        ]),
        'csrf=x',
      ],
      [form([['content-length', '+6']]), 'csrf=x'],
      [form([['transfer-encoding', 'chunked']]), '0\r\n\r\n'],
      [head(server, [['connection', 'close']])],
      [head(server, [['upgrade', 'h2c']])],
      [head(server, [['te', 'gzip']])],
      [head(server, [['X-Upper', 'y']])],
      [head(server, [[':path', '/login']])],
      [head(server, [[':authority', 'evil.example']])],
      [head(server, [[':evil', 'x']])],
      [[['x', 'before'], ...head(server)]],
      [head(server, []).slice(1)],
      [head(server, [], '')],
      [head(server, [], 'login')],
      [head(server, [], '/login HTTP/1.1\r\nhost: evil.example')],
      [head(server, [], 'https://evil.example/login')],
      [head(server, [['host', 'evil.example']])],
    ];
    for (const [list, body] of cases)
      assert.match(await outcomeOf(server, list, body), /^(reset|goaway|400)$/, JSON.stringify(list));
    assert.equal(await outcomeOf(server, head(server)), '200', 'and a right one is answered');
  });

  it('A55: loses headers with forbidden characters, such as a line break', async () => {
    await using server = await startTlsServer();
    const wrong: Fields = [
      ['host', 'evil.example\r\nx: y'],
      ['host', 'evil.example\0'],
      ['host ', 'evil.example'],
      ['host:', 'evil.example'],
    ];
    // Two different hosts are refused, so if one is dropped the request is answered.
    for (const field of wrong)
      assert.equal(await outcomeOf(server, head(server, [field])), '200', String(field));
  });
});
