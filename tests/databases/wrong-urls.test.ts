import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { runCommand } from '../kit/processes.ts';
import { freePort, temporaryFolder } from '../kit/temporary.ts';

const PASSWORD = 'swordfish-in-the-bay';
const QUICK = { DATABASE_CONNECT_TIMEOUT: '1s', DATABASE_STATEMENT_TIMEOUT: '1s' };

/** Starts a server that is no database; it answers every connection with a text, or not at all. */
async function startForeignServer(text: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (text !== '') socket.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** Runs a command with a URL; it must end by itself with one line without any secret. */
async function faultOf(url: string, { verb = 'serve', status = 1 } = {}): Promise<string> {
  using folder = temporaryFolder();
  const environment = { DATABASE_URL: url, ...QUICK };
  const ending = await runCommand(folder.path, [verb], environment);
  assert.deepEqual([ending.status, ending.stdout], [status, ''], ending.stderr);
  assert.match(ending.stderr, /^DATABASE_URL: [^\n]+\n$/);
  for (const secret of [PASSWORD, 'sailor']) assert.ok(!ending.stderr.includes(secret), ending.stderr);
  return ending.stderr.slice('DATABASE_URL: '.length, -1);
}

type Server = {
  readonly name: string;
  readonly scheme: string;
  readonly start: () => Promise<PrivateServer>;
  readonly run: (url: string, statements: readonly string[]) => Promise<void>;
  /** Creates a database `ship`, and a user with read access only. */
  readonly setUp: readonly string[];
  readonly says: Readonly<Record<'password' | 'database' | 'rights' | 'crowd' | 'tls', RegExp>>;
  readonly tls: string;
};

const servers: readonly Server[] = [
  {
    name: 'PostgreSQL',
    scheme: 'postgres',
    start: () => startPostgresql({ password: 'only-for-tests' }),
    run: async (connectionString, statements) => {
      const client = new Client({ connectionString });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    },
    setUp: [
      'create database ship',
      `create user sailor password '${PASSWORD}'`,
      `create user "last-sailor" password '${PASSWORD}' connection limit 0`,
      'revoke create on schema public from public',
    ],
    says: {
      password: /^PostgreSQL at \S+ refuses this user or password$/,
      database: /^PostgreSQL at \S+ has no database “raft”; make it with: createdb raft$/,
      rights: /^this user may not make tables in “ship”; let it own the database, or grant it CREATE on it$/,
      crowd: /^PostgreSQL at \S+ says: too many connections for role this user$/,
      tls: /^PostgreSQL at \S+ does not take TLS; turn it on there, or give sslmode=disable on a network that you trust$/,
    },
    tls: 'sslmode=require',
  },
  {
    name: 'MariaDB',
    scheme: 'mysql',
    start: () => startMariadb(),
    run: async (url, statements) => {
      const connection = await createConnection(url);
      for (const statement of statements) await connection.query(statement);
      await connection.end();
    },
    setUp: [
      'create database ship',
      `create user sailor@'127.0.0.1' identified by '${PASSWORD}'`,
      `grant select on *.* to sailor@'127.0.0.1'`,
      `create user \`last-sailor\`@'127.0.0.1' identified by '${PASSWORD}' with max_connections_per_hour 1`,
    ],
    says: {
      password: /^MySQL at \S+ refuses this user or password, or asks for TLS$/,
      database: /^MySQL at \S+ has no database “raft”; make it with: CREATE DATABASE raft$/,
      rights: /^this user may not make tables in “ship”; GRANT it ALL on that database$/,
      crowd: /^MySQL at \S+ says: User this user has exceeded the 'max_connections_per_hour' resource/,
      tls: /^MySQL at \S+ does not take TLS; turn it on there, or give ssl-mode=DISABLED on a network that you trust$/,
    },
    tls: 'ssl-mode=REQUIRED',
  },
];

describe('an invalid DATABASE_URL', () => {
  const user = `sailor:${PASSWORD}`;
  const wrong = {
    [`postgres://${user}@db.example`]: /^its value names no database; put its name behind the host/,
    [`postgres://${user}@db.example/ship?sslmode=prefer`]:
      /^its value has the parameter sslmode=prefer, which falls back to plain text silently; give /,
    [`mysql://${user}@db.example/ship?sslmod=REQUIRED`]:
      /^its value has the parameter sslmod, which is not known; did you mean sslmode\?$/,
    [`mysql://${user}@192.0.2.1/ship?ssl_ca=ca.pem`]:
      /^its value asks for the certificate of a host by its number; give/,
  };
  for (const [url, line] of Object.entries(wrong)) {
    it(`is reported as a settings fault: ${url.replace(user, 'user')}`, async () => {
      assert.match(await faultOf(url, { status: 78 }), line);
    });
  }
});

for (const { name, scheme, start, run, setUp, says, tls } of servers) {
  describe(`a ${scheme}:// URL that cannot be used ends latchkey with one line (${name})`, () => {
    let server: PrivateServer;
    before(async () => {
      server = await start();
      await run(server.url, setUp);
    });
    after(() => server.stop());

    const at = (address: string, path: string) => `${scheme}://sailor:${PASSWORD}@${address}/${path}`;
    const here = (path: string) => at(new URL(server.url).host, path);

    it('when nothing listens at its address', async () => {
      const address = `127.0.0.1:${await freePort()}`;
      const line = `nothing answers at ${address}; is the server running, and is this its address?`;
      assert.equal(await faultOf(at(address, 'ship')), line);
      assert.equal(await faultOf(at(address, 'ship'), { verb: 'migrate' }), line);
      assert.match(
        await faultOf(at('nowhere.invalid', 'ship')),
        /^nothing answers at nowhere\.invalid:\d+; is/,
      );
    });

    it('when the server at its address stays silent or is not a database', async () => {
      await using silent = await startForeignServer('');
      await using web = await startForeignServer('HTTP/1.1 400 Bad Request\r\n\r\n');
      for (const { port } of [silent, web])
        assert.match(
          await faultOf(at(`127.0.0.1:${port}`, 'ship')),
          /^nothing answers at 127\.0\.0\.1:\d+; is/,
        );
    });

    it('when its password is wrong or missing', async () => {
      const [wrong, none] = [
        here('ship').replace(PASSWORD, 'dogfish'),
        here('ship').replace(`:${PASSWORD}`, ''),
      ];
      assert.match(await faultOf(wrong), says.password);
      assert.match(
        await faultOf(none),
        /refuses this user or password, or asks for TLS$|asks for a password, and the URL has none$/,
      );
    });

    it('when its database does not exist', async () => {
      assert.match(await faultOf(here('raft')), says.database);
    });

    it('when its user may not create tables', async () => {
      assert.match(await faultOf(here('ship')), says.rights);
      assert.match(await faultOf(here('ship'), { verb: 'migrate' }), says.rights);
    });

    it('when the server refuses its user temporarily, in the server’s words', async () => {
      const crowded = here('ship').replace('sailor', 'last-sailor');
      // MariaDB limits the connections of a user, here to one.
      await runCommand(tmpdir(), ['migrate', '--status'], { DATABASE_URL: crowded });
      assert.match(await faultOf(crowded), says.crowd);
    });

    it('when it asks for TLS that the server does not support', async () => {
      assert.match(await faultOf(here(`ship?${tls}`)), says.tls);
    });
  });
}
