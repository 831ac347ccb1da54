import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import { loginRequired as inExpress } from '../../src/adapters/express.ts';
import { loginRequired as inFastify } from '../../src/adapters/fastify.ts';
import { admit } from '../../src/adapters/node.ts';
import { createTestLatchkey } from '../../src/testing/index.ts';
import { ADA } from '../kit/visitor.ts';

const auth = createTestLatchkey();
const { latchkey } = auth;
let cookie: string;
before(async () => {
  ({ cookie } = await auth.user({ username: ADA.username }));
});
after(() => auth.close());

const PUBLIC = 'public, max-age=60';
const PAGE = { 'cache-control': PUBLIC, 'content-type': 'text/html' };
const DATA = { 'cache-control': PUBLIC, 'content-type': 'application/json' };

const expressApp = express()
  .use(inExpress(latchkey))
  .get('/page', (_, response) => void response.set('cache-control', PUBLIC).send('<p>notes</p>'))
  .get('/data', (_, response) => void response.set('cache-control', PUBLIC).json(['notes']))
  .get('/plain', (_, response) => void response.json(['notes']))
  .get('/cookie', (_, response) => void response.set(DATA).cookie('theme', 'dark').json(['notes']));

const fastifyApp = fastify()
  .addHook('preHandler', inFastify(latchkey))
  .get('/page', (_, reply) => reply.headers(PAGE).send(Readable.from(['<p>notes</p>'])))
  .get('/data', (_, reply) => reply.headers(DATA).send(['notes']))
  .get('/plain', (_, reply) => reply.send(['notes']))
  .get('/cookie', (_, reply) => reply.headers(DATA).header('set-cookie', 'theme=dark').send(['notes']));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if ((await admit(latchkey, request, response)) === null) return;
  switch (request.url) {
    case '/page':
      return response.writeHead(200, 'Fine', PAGE).end('<p>notes</p>');
    case '/data':
      return response.writeHead(200, Object.entries(DATA).flat()).end('[]');
    case '/cookie':
      return response.writeHead(200, [...Object.entries(DATA).flat(), 'Set-Cookie', 'theme=dark']).end('[]');
    default:
      return response.end('[]');
  }
}

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  Express: async () => createServer(expressApp),
  Fastify: async () => {
    await fastifyApp.ready();
    return fastifyApp.server;
  },
  'node:http': async () => createServer((request, response) => void answer(request, response)),
};

describe('a guarded response', () => {
  for (const [name, create] of Object.entries(servers))
    it(`A44: in ${name} is no document that a cache keeps, whatever its route says`, async () => {
      const server = await create();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const caching = async (path: string, destination = 'empty') => {
        const headers = { cookie, 'sec-fetch-dest': destination };
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
        assert.equal(response.status, 200);
        assert.notEqual(await response.text(), '');
        const names = ['cache-control', 'vary'];
        return names.map((header) => response.headers.get(header));
      };
      try {
        assert.deepEqual(await caching('/page'), ['no-store', null]);
        assert.deepEqual(await caching('/plain'), ['no-store', null]);
        assert.deepEqual(await caching('/data'), [PUBLIC, 'Cookie, Authorization']);
        assert.deepEqual(await caching('/data', 'document'), ['no-store', null]);
        assert.deepEqual(await caching('/cookie'), ['no-store', null], 'a cookie is of one user');
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
});
