import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import type { PrivateServer, ServerTls } from '../../scripts/provide/private-server.ts';
import { migrations } from '../../src/latchkey.ts';
import { DatabaseStartError, migrationStatus, openDatabase } from '../../src/platform/sql/index.ts';
import { DATABASE_OPTIONS } from '../kit/databases.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';
import { type Authority, createAuthority } from '../kit/wire.ts';

type Host = 'localhost' | '127.0.0.1';
type Parameters = Readonly<Record<string, string>>;

/** The names of the same things in the two kinds of server. */
type Dialect = {
  readonly name: string;
  readonly start: (tls: ServerTls) => Promise<PrivateServer>;
  /** A database that always exists. */
  readonly database: string;
  readonly parameter: string;
  readonly files: { readonly authority: string; readonly certificate: string; readonly key: string };
  readonly modes: {
    readonly off: string;
    readonly encrypted: string;
    readonly authority: string;
    readonly identity: string;
  };
  /** Reports whether this connection is encrypted. */
  readonly isEncrypted: string;
  /** Creates a user `carded`, and reports whether this connection has presented a client certificate. */
  readonly carded: { readonly make: readonly string[]; readonly isHere: string };
};

const dialects: readonly Dialect[] = [
  {
    name: 'PostgreSQL',
    start: (tls) => startPostgresql({ tls }),
    database: 'postgres',
    parameter: 'sslmode',
    files: { authority: 'sslrootcert', certificate: 'sslcert', key: 'sslkey' },
    modes: { off: 'disable', encrypted: 'require', authority: 'verify-ca', identity: 'verify-full' },
    isEncrypted: 'select 1 from pg_stat_ssl where pid = pg_backend_pid() and ssl',
    carded: {
      make: ['create user carded'],
      isHere: 'select 1 from pg_stat_ssl where pid = pg_backend_pid() and client_dn is not null',
    },
  },
  {
    name: 'MariaDB',
    start: (tls) => startMariadb({ tls }),
    database: 'mysql',
    parameter: 'ssl-mode',
    files: { authority: 'ssl_ca', certificate: 'ssl_cert', key: 'ssl_key' },
    modes: { off: 'DISABLED', encrypted: 'REQUIRED', authority: 'VERIFY_CA', identity: 'VERIFY_IDENTITY' },
    isEncrypted: `select 1 from information_schema.session_status
      where variable_name = 'SSL_CIPHER' and variable_value <> ''`,
    carded: {
      make: ["create user carded@'127.0.0.1' require x509", "grant select on *.* to carded@'127.0.0.1'"],
      // No other client is accepted under this name.
      isHere: "select 1 from dual where current_user() like 'carded@%'",
    },
  },
];

for (const { name, start, database, parameter, files, modes, isEncrypted, carded } of dialects) {
  const file = files.authority;

  describe(`TLS to ${name}`, () => {
    let folder: TemporaryFolder;
    let ours: Authority;
    let others: Authority;
    let server: PrivateServer;
    before(async () => {
      folder = temporaryFolder();
      ours = createAuthority(folder.path, 'ours');
      others = createAuthority(folder.path, 'others');
      server = await start(ours.issueCertificate('localhost'));
    });
    after(async () => {
      await server.stop();
      folder[Symbol.dispose]();
    });

    const urlTo = (host: Host, parameters: Parameters, at = server) => {
      const url = new URL(database, at.url);
      url.hostname = host;
      url.search = new URLSearchParams(parameters).toString();
      return url;
    };

    /** Whether a query succeeds on a connection; the state of the schema is read first, as at a start. */
    async function holds(url: URL, question: string): Promise<boolean> {
      const opened = openDatabase(url.href, DATABASE_OPTIONS);
      try {
        await migrationStatus(opened, migrations);
        return (await sql.raw(question).execute(opened.queries)).rows.length === 1;
      } finally {
        await opened.close();
      }
    }

    const connect = (host: Host, parameters: Parameters, at = server) =>
      holds(urlTo(host, parameters, at), isEncrypted);

    const refuses = (host: Host, parameters: Parameters, line: RegExp, at = server) =>
      assert.rejects(connect(host, parameters, at), (error) => {
        assert.ok(error instanceof DatabaseStartError, String(error));
        assert.match(error.message, line);
        return true;
      });

    it('is not used unless the URL requests it', async () => {
      assert.equal(await connect('localhost', {}), false);
      assert.equal(await connect('localhost', { [parameter]: modes.off }), false);
    });

    it('accepts any certificate in the mode that only encrypts', async () => {
      assert.equal(await connect('127.0.0.1', { [parameter]: modes.encrypted }), true);
    });

    it('accepts a certificate of the named authority for this host, also when the URL names no mode', async () => {
      assert.equal(await connect('localhost', { [parameter]: modes.identity, [file]: ours.file }), true);
      assert.equal(await connect('localhost', { [file]: ours.file }), true);
    });

    it('accepts a certificate of the named authority for another host in the mode that verifies only the authority', async () => {
      assert.equal(await connect('127.0.0.1', { [parameter]: modes.authority, [file]: ours.file }), true);
    });

    it('presents a client certificate when the URL names one', async () => {
      const admin = openDatabase(urlTo('localhost', {}).href, DATABASE_OPTIONS);
      for (const statement of carded.make) await sql.raw(statement).execute(admin.queries);
      await admin.close();
      const card = ours.issueCertificate('carded');
      const [certificate, key] = [join(folder.path, 'card.pem'), join(folder.path, 'card.key')];
      writeFileSync(certificate, card.certificate);
      writeFileSync(key, card.key);
      const url = urlTo('localhost', {
        [file]: ours.file,
        [files.certificate]: certificate,
        [files.key]: key,
      });
      url.username = 'carded';
      url.password = '';
      assert.equal(await holds(url, carded.isHere), true);
    });

    it('rejects a certificate for another host, unless the mode verifies only the authority', async () => {
      const elsewhere = await start(ours.issueCertificate('elsewhere.example'));
      try {
        const line = /^DATABASE_URL: the certificate of \w+ at localhost:\d+ is for another host; give/;
        for (const more of [{}, { [parameter]: modes.identity }])
          await refuses('localhost', { ...more, [file]: ours.file }, line, elsewhere);
        const anyHost = { [parameter]: modes.authority, [file]: ours.file };
        assert.equal(await connect('localhost', anyHost, elsewhere), true);
      } finally {
        await elsewhere.stop();
      }
    });

    it('rejects a host given by its IP address, which the certificate does not name', async () => {
      const line =
        /^DATABASE_URL: (?:the certificate of .* is for another host; give|its value asks for the certificate of a host by its number; give)/;
      await refuses('127.0.0.1', { [parameter]: modes.identity, [file]: ours.file }, line);
      await refuses('127.0.0.1', { [file]: ours.file }, line);
    });

    it('rejects a certificate of another authority, and one of an unknown authority', async () => {
      const line =
        /^DATABASE_URL: the certificate of \w+ at localhost:\d+ cannot be verified \([^;]*\); name its authority with \w+=FILE$/;
      for (const mode of [modes.authority, modes.identity]) {
        await refuses('localhost', { [parameter]: mode, [file]: others.file }, line);
        await refuses('localhost', { [parameter]: mode }, line);
      }
      await refuses('localhost', { [parameter]: modes.encrypted, [file]: others.file }, line);
    });

    it('rejects a certificate file that does not exist or contains no certificate', async () => {
      const missing = join(folder.path, 'missing.pem');
      const empty = join(folder.path, 'empty.pem');
      writeFileSync(empty, 'this is no certificate');
      await refuses(
        'localhost',
        { [file]: missing },
        /^DATABASE_URL: cannot read the certificate file \S+missing\.pem$/,
      );
      await refuses(
        'localhost',
        { [file]: empty },
        /^DATABASE_URL: there is no certificate in \S+empty\.pem$/,
      );
    });
  });
}

describe('a login to PostgreSQL that must be bound to its TLS connection', () => {
  const SCRAM = 'SCRAM-SHA-256-PLUS';

  async function connect(server: PrivateServer, search: string): Promise<void> {
    const url = new URL(server.url);
    url.search = search;
    const database = openDatabase(url.href, DATABASE_OPTIONS);
    try {
      await migrationStatus(database, migrations);
    } finally {
      await database.close();
    }
  }

  it(`succeeds with ${SCRAM}, and is refused where the server binds nothing`, async () => {
    using folder = temporaryFolder();
    const tls = createAuthority(folder.path, 'ours').issueCertificate('localhost');
    const binding = await startPostgresql({ tls, password: 'only-for-tests' });
    const trusting = await startPostgresql({ tls });
    try {
      for (const channel of ['require', 'prefer', 'disable'])
        await connect(binding, `sslmode=require&channel_binding=${channel}`);
      await connect(trusting, 'sslmode=require&channel_binding=prefer');
      await assert.rejects(
        connect(trusting, 'sslmode=require&channel_binding=require'),
        /^DatabaseStartError: DATABASE_URL: PostgreSQL at \S+ binds no login to its TLS connection, .*; give sslmode=verify-full/,
      );
      const admin = openDatabase(`${binding.url}?sslmode=require`, DATABASE_OPTIONS);
      await sql
        .raw("set password_encryption = 'md5'; alter user latchkey password 'only-for-tests'")
        .execute(admin.queries);
      await admin.close();
      await assert.rejects(connect(binding, 'sslmode=require&channel_binding=require'), DatabaseStartError);
    } finally {
      await binding.stop();
      await trusting.stop();
    }
  });
});
