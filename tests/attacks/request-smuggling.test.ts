import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHttpServer } from '../kit/system.ts';
import { type RawAnswer, sendOverSocket, sendRaw, startTlsServer } from '../kit/wire.ts';

type Send = (text: string) => Promise<RawAnswer>;

/** The same must hold over plain HTTP and over TLS. */
const DOORS = [
  {
    name: 'over plain HTTP',
    open: async () => {
      const server = await startHttpServer();
      const send: Send = (text) => sendRaw(server.port, text);
      return { server, send };
    },
  },
  {
    name: 'over TLS',
    open: async () => {
      const server = await startTlsServer();
      const connect = () => server.connect({ ALPNProtocols: ['http/1.1'] });
      const send: Send = async (text) => sendOverSocket(await connect(), text);
      return { server, send };
    },
  },
];

const HOST = 'Host: localhost\r\n';
const FORM = `${HOST}Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n`;
const HIDDEN = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
const post = (headers: string, body: string) => `POST /login HTTP/1.1\r\n${FORM}${headers}\r\n${body}`;

/** What two parsers could read as different requests: where the first one ends, or what it contains. */
const FORMS: Readonly<Record<string, string>> = {
  'Content-Length with Transfer-Encoding': post(
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'Transfer-Encoding with Content-Length': post(
    'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'two lengths': post('Content-Length: 5\r\nContent-Length: 6\r\n', HIDDEN),
  'the same length twice': post('Content-Length: 5\r\nContent-Length: 5\r\n', HIDDEN),
  'a list of lengths': post('Content-Length: 5, 6\r\n', HIDDEN),
  'a signed length': post('Content-Length: +5\r\n', HIDDEN),
  'a negative length': post('Content-Length: -1\r\n', HIDDEN),
  'a hexadecimal length': post('Content-Length: 0x5\r\n', HIDDEN),
  'a length beyond counting': post('Content-Length: 99999999999999999999\r\n', HIDDEN),
  'chunked and more': post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`),
  'chunked twice': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'an unknown coding': post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a quoted coding': post('Transfer-Encoding: "chunked"\r\n', `0\r\n\r\n${HIDDEN}`),
  'a coding with a control character': post('Transfer-Encoding: \x0bchunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a blank before the colon': post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a blank before the name': post(' Transfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a folded header': `GET /login HTTP/1.1\r\n${HOST}X: y\r\n folded\r\n\r\n${HIDDEN}`,
  'a folded coding': post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'lines that end in LF': `POST /login HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n${HIDDEN}`,
  'one line that ends in LF': `GET /login HTTP/1.1\r\n${HOST}X: y\nContent-Length: 5\r\n\r\n${HIDDEN}`,
  'lines that end in CR': `GET /login HTTP/1.1\rHost: localhost\r\r${HIDDEN}`,
  'a zero byte in a header': `GET /login HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n${HIDDEN}`,
  'a chunk whose size is no number': post('Transfer-Encoding: chunked\r\n', `x\r\n\r\n${HIDDEN}`),
  'a chunk whose size is signed': post('Transfer-Encoding: chunked\r\n', `+5\r\nabcde\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk whose size is beyond counting': post(
    'Transfer-Encoding: chunked\r\n',
    `fffffffffffffffff\r\n${HIDDEN}`,
  ),
  'a chunk that is longer than its size': post(
    'Transfer-Encoding: chunked\r\n',
    `1\r\nabc\r\n0\r\n\r\n${HIDDEN}`,
  ),
  'a chunk that ends in LF': post('Transfer-Encoding: chunked\r\n', `5\nabcde\n0\n\n${HIDDEN}`),
  'a chunk with endless extensions': post(
    'Transfer-Encoding: chunked\r\n',
    `1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n${HIDDEN}`,
  ),
  'a chunk with an extension that ends in LF': post(
    'Transfer-Encoding: chunked\r\n',
    `1;x\na\r\n0\r\n\r\n${HIDDEN}`,
  ),
  'a version that is none': `GET /login HTTP/1.1x\r\n${HOST}\r\n${HIDDEN}`,
  'bytes before the request': `\x00\x00GET /login HTTP/1.1\r\n${HOST}\r\n${HIDDEN}`,
  'the preface of HTTP/2': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${HIDDEN}`,
};

for (const { name, open } of DOORS) {
  describe(`a pipelined request ${name}`, () => {
    for (const [form, text] of Object.entries(FORMS)) {
      it(`A55: is refused, and its connection closed, when it could hide another: ${form}`, async () => {
        const { server, send } = await open();
        await using _ = server;
        const { statuses, text: answer } = await send(text);
        assert.ok(
          statuses.some((status) => status === 400 || status === 413),
          `${statuses}`,
        );
        // The first request may have been answered before its body was read; the hidden one never is.
        assert.ok(!statuses.includes(200) && !answer.endsWith('ok'), `${statuses}`);
      });
    }

    it('A55: is answered in order when its length or its chunks are correct', async () => {
      const { server, send } = await open();
      await using _ = server;
      const last = `GET /nowhere HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
      const right = [
        post('Content-Length: 6\r\n', 'csrf=x'),
        post('Transfer-Encoding: chunked\r\n', '3;a=b\r\ncsr\r\n3\r\nf=x\r\n0\r\n\r\n'),
      ];
      for (const text of right)
        assert.deepEqual((await send(text + HIDDEN + last)).statuses, [403, 200, 404], text);
    });
  });
}
