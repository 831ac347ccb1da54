import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { driverOptions as optionsForMysql } from './mysql/driver-options.ts';
import { driverOptions as optionsForPostgresql } from './postgresql/driver-options.ts';
import type { ServerAddress } from './server-address.ts';
import { readDatabaseUrl, withoutUserInfo } from './url.ts';

const LIMITS = { connections: 10, connectTimeout: 5_000, statementTimeout: 10_000 };

type Address = ServerAddress & { readonly engine: 'postgresql' | 'mysql' };

function addressOf(url: string): Address {
  const reading = readDatabaseUrl(url);
  assert.ok(reading.ok, `${url}: ${reading.ok ? '' : reading.problem}`);
  assert.ok(reading.address.engine !== 'sqlite');
  return { ...reading.address, engine: reading.address.engine };
}

/** What a driver gets: whether it uses TLS, and what it verifies. */
function driverOf(address: Address) {
  const { host, port, engine, isPooled } = address;
  const chosen =
    engine === 'postgresql'
      ? optionsForPostgresql(address, { host, port }, LIMITS, isPooled)
      : optionsForMysql(address, { host, port }, LIMITS);
  const { ssl } = chosen;
  const tls = typeof ssl === 'object' ? ssl : null;
  const verifiesHost =
    tls !== null && ('verifyIdentity' in tls ? tls.verifyIdentity === true : !('checkServerIdentity' in tls));
  const verified = tls?.rejectUnauthorized !== true ? 'nothing' : verifiesHost ? 'host' : 'authority';
  return {
    chosen: { ...chosen } as Readonly<Record<string, unknown>>,
    verifies: tls === null ? 'no TLS' : verified,
  };
}

type Verified = 'no TLS' | 'nothing' | 'authority' | 'host';
type Row = readonly [
  platform: string,
  url: string,
  verifies: Verified,
  address: Partial<ServerAddress>,
  chosen?: Readonly<Record<string, unknown>>,
];

const NEON = { host: 'ep-cool-1.eu-central-1.aws.neon.tech', database: 'neondb', user: 'neondb_owner' };

const HANDED_OUT: readonly Row[] = [
  [
    'Neon',
    'postgresql://neondb_owner:npg_aB1@ep-cool-1.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    'nothing',
    { ...NEON, password: 'npg_aB1', port: 5432 },
    { enableChannelBinding: true },
  ],
  [
    'Neon for clients without SNI',
    'postgres://u:p@h.neon.tech/neondb?sslmode=require&options=endpoint%3Dep-cool-1',
    'nothing',
    {},
    { options: 'endpoint=ep-cool-1' },
  ],
  [
    'Supabase, direct',
    'postgresql://postgres:p@db.abcd.supabase.co:5432/postgres',
    'no TLS',
    { database: 'postgres' },
  ],
  [
    'Supabase, session pooler',
    'postgresql://postgres.abcd:p@aws-0-eu-central-1.pooler.supabase.com:5432/postgres',
    'no TLS',
    { user: 'postgres.abcd', isPooled: false },
    { statement_timeout: 10_000 },
  ],
  [
    'Supabase, transaction pooler',
    'postgresql://postgres.abcd:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1&supa=base-pooler.x',
    'no TLS',
    { port: 6543, isPooled: true },
    { statement_timeout: undefined, query_timeout: 10_000 },
  ],
  [
    'Heroku',
    'postgres://u12:p34@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d56?sslmode=no-verify',
    'nothing',
    {},
  ],
  ['Railway', 'postgresql://postgres:p@roundhouse.proxy.rlwy.net:12345/railway', 'no TLS', { port: 12_345 }],
  ['Railway, MySQL', 'mysql://root:p@mysql.railway.internal:3306/railway', 'no TLS', { database: 'railway' }],
  ['Render', 'postgresql://u:p@dpg-abc-a.frankfurt-postgres.render.com/shop_x1', 'no TLS', { port: 5432 }],
  ['Fly', 'postgres://shop:p@shop-db.flycast:5432/shop?sslmode=disable', 'no TLS', {}],
  [
    'PlanetScale',
    'mysql://u:pscale_pw_x@aws.connect.psdb.cloud/shop?ssl={"rejectUnauthorized":true}',
    'host',
    { host: 'aws.connect.psdb.cloud' },
  ],
  [
    'PlanetScale, encoded',
    'mysql://u:p@aws.connect.psdb.cloud/shop?ssl=%7B%22rejectUnauthorized%22%3Atrue%7D',
    'host',
    {},
  ],
  ['PlanetScale for Prisma', 'mysql://u:p@aws.connect.psdb.cloud/shop?sslaccept=strict', 'host', {}],
  [
    'PlanetScale for Go',
    'mysql://u:p@aws.connect.psdb.cloud/shop?tls=true&interpolateParams=true',
    'host',
    {},
  ],
  [
    'TiDB',
    'mysql://x.root:p@gateway01.eu-central-1.prod.aws.tidbcloud.com:4000/test?ssl={}',
    'host',
    { user: 'x.root' },
  ],
  [
    'Aiven, MySQL',
    'mysql://avnadmin:AVNS_x@m-1.aivencloud.com:12345/defaultdb?ssl-mode=REQUIRED',
    'nothing',
    {},
  ],
  ['Aiven', 'postgres://avnadmin:AVNS_x@pg-1.aivencloud.com:12345/defaultdb?sslmode=require', 'nothing', {}],
  [
    'Azure, single server',
    'postgresql://ada%40srv:p@srv.postgres.database.azure.com:5432/postgres?ssl=true&sslmode=require',
    'nothing',
    { user: 'ada@srv' },
  ],
  [
    'Azure, user@server',
    'postgresql://ada@srv:p@srv.postgres.database.azure.com/postgres?ssl=true',
    'host',
    { user: 'ada@srv' },
  ],
  [
    'Azure, flexible server, MySQL',
    'mysql://ada:p@srv.mysql.database.azure.com:3306/shop?ssl-mode=require',
    'nothing',
    {},
  ],
  [
    'RDS',
    'postgres://u:p@shop.abc.eu-west-1.rds.amazonaws.com:5432/shop?sslmode=verify-full&sslrootcert=/etc/ssl/global-bundle.pem',
    'host',
    {},
  ],
  [
    'Aurora, MySQL',
    'mysql://u:p@shop.cluster-x.rds.amazonaws.com/shop?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/ssl/global-bundle.pem',
    'host',
    {},
  ],
  [
    'DigitalOcean',
    'postgresql://doadmin:AVNS_x@db-1.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
    'nothing',
    {},
  ],
  [
    'DigitalOcean, MySQL',
    'mysql://doadmin:p@db-1.b.db.ondigitalocean.com:25060/defaultdb?ssl-mode=REQUIRED',
    'nothing',
    {},
  ],
  [
    'CockroachDB',
    'postgresql://ada:p@free-tier.gcp-europe-west1.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full&options=--cluster%3Dshy-cat-123',
    'host',
    { port: 26_257 },
    { options: '--cluster=shy-cat-123' },
  ],
  [
    'CockroachDB, system authorities',
    'postgresql://u:p@h:26257/db?sslmode=verify-full&sslrootcert=system',
    'host',
    {},
  ],
  ['authorities of the system', 'postgres://u:p@h/db?sslrootcert=system', 'host', {}],
  [
    'Prisma',
    'postgresql://u:p@h:5432/db?schema=public&connection_limit=5&pool_timeout=10&socket_timeout=3&connect_timeout=10&sslmode=require&sslaccept=strict',
    'host',
    {},
  ],
  [
    'JDBC',
    'jdbc:postgresql://h:5432/db?user=ada&password=p%26q&ssl=true&ApplicationName=shop',
    'host',
    { user: 'ada', password: 'p&q' },
    { application_name: 'shop' },
  ],
  [
    'JDBC, MySQL',
    'jdbc:mysql://h:3306/db?user=a&password=b&useSSL=true&serverTimezone=UTC&allowPublicKeyRetrieval=true&useUnicode=true&characterEncoding=utf8',
    'host',
    { user: 'a' },
  ],
  ['JDBC, plain', 'jdbc:mariadb://h/db?user=a&password=b&useSSL=false', 'no TLS', {}],
  [
    'JDBC, several hosts',
    'jdbc:mysql:loadbalance://one:3307,two/db?user=a&password=b',
    'no TLS',
    { host: 'one', port: 3_307, fallbacks: [{ host: 'two', port: 3_306 }] },
  ],
  [
    'SQLAlchemy',
    'mysql+pymysql://u:p@h/db?charset=utf8mb4&ssl_ca=/ca.pem&ssl_verify_cert=true&ssl_verify_identity=true',
    'host',
    {},
  ],
  [
    'SQLAlchemy, psycopg',
    'postgresql+psycopg://u:p@h/db?application_name=a&client_encoding=utf8',
    'no TLS',
    {},
    { application_name: 'a' },
  ],
  [
    'SQLAlchemy, asyncpg',
    'postgresql+asyncpg://u:p@h/db?ssl=require&prepared_statement_cache_size=0',
    'nothing',
    { isPooled: true },
  ],
  ['Django', 'postgis://u:p@h/db?conn_max_age=600&conn_health_checks=true&sslmode=require', 'nothing', {}],
  [
    'Rails',
    'mysql2://u:p@h/db?encoding=utf8mb4&pool=5&reconnect=true&socket=/tmp/mysql.sock',
    'no TLS',
    { socketPath: '/tmp/mysql.sock' },
    { socketPath: '/tmp/mysql.sock' },
  ],
  ['Laravel', 'pgsql://u:p@h:5432/db', 'no TLS', {}],
  [
    'Cloud SQL',
    'postgres://u:p@/db?host=/cloudsql/proj:europe-west1:inst',
    'no TLS',
    { socketPath: '/cloudsql/proj:europe-west1:inst' },
    { host: '/cloudsql/proj:europe-west1:inst' },
  ],
  [
    'Cloud SQL, MySQL',
    'mysql://u:p@localhost/db?unix_socket=/cloudsql/proj:europe-west1:inst',
    'no TLS',
    { socketPath: '/cloudsql/proj:europe-west1:inst' },
  ],
  [
    'a socket as libpq encodes it',
    'postgres://u@%2Fvar%2Frun%2Fpostgresql/db',
    'no TLS',
    { socketPath: '/var/run/postgresql' },
  ],
  ['IPv6', 'postgres://u:p@[2001:db8::1]:5433/db', 'no TLS', { host: '2001:db8::1', port: 5_433 }],
  [
    'several hosts',
    'postgres://u:p@one:5432,two:5433,[::1]/db?target_session_attrs=read-write&load_balance_hosts=random&sslmode=verify-full&sslrootcert=/ca.pem',
    'host',
    {
      host: 'one',
      fallbacks: [
        { host: 'two', port: 5_433 },
        { host: '::1', port: 5_432 },
      ],
    },
  ],
  [
    'several hosts as parameters',
    'postgresql:///db?host=one,two&port=5432,5433&user=u&password=p',
    'no TLS',
    { host: 'one', fallbacks: [{ host: 'two', port: 5_433 }] },
  ],
  [
    'Yugabyte',
    'postgresql://u:p@h:5433/yugabyte?ssl=true&sslmode=verify-full&sslrootcert=/root.crt&load_balance=true&topology_keys=a.b.c',
    'host',
    {},
  ],
  [
    'pgx',
    'postgres://u:p@h/db?sslmode=verify-full&pool_max_conns=10&default_query_exec_mode=exec',
    'host',
    { isPooled: true },
  ],
  [
    'Rails on PostgreSQL',
    'postgres://u:p@h/db?pool=5&prepared_statements=false&advisory_locks=false',
    'no TLS',
    { isPooled: true },
  ],
  ['Go, MySQL', 'mysql://u:p@h/db?tls=true&parseTime=true&clientFoundRows=true', 'host', {}],
  [
    'MariaDB Connector/J',
    'jdbc:mariadb://h/db?user=u&password=p&sslMode=verify-full&serverSslCert=/ca.pem',
    'host',
    {},
  ],
  ['MariaDB Connector/J, encrypted', 'jdbc:mariadb://h/db?user=u&password=p&sslMode=trust', 'nothing', {}],
  [
    'libpq’s further parameters',
    'postgres://u:p@h/db?keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=9&gssencmode=disable&sslsni=1&sslcompression=0&uselibpqcompat=true&statement_timeout=3000&ssl_min_protocol_version=TLSv1.2&sslnegotiation=direct&sslmode=require',
    'nothing',
    {},
    { sslnegotiation: 'direct' },
  ],
  [
    'a client certificate',
    'postgres://u@h/db?sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem',
    'authority',
    {},
  ],
];

/** Files are not read here. */
const withoutFiles = (address: Address): Address =>
  address.tls.mode === 'off'
    ? address
    : {
        ...address,
        tls: { ...address.tls, authorityFile: undefined, certificateFile: undefined, keyFile: undefined },
      };

describe('the connection string of a platform', () => {
  for (const [platform, url, verifies, expected, chosen = {}] of HANDED_OUT)
    it(`is read as it is: ${platform}`, () => {
      const address = addressOf(url);
      for (const [name, value] of Object.entries(expected))
        assert.deepEqual(new Map(Object.entries(address)).get(name), value, name);
      const driver = driverOf(withoutFiles(address));
      assert.equal(driver.verifies, verifies);
      for (const [name, value] of Object.entries(chosen)) assert.deepEqual(driver.chosen[name], value, name);
    });

  it('names TLS 1.3 to the driver if it asks for that', () => {
    const { chosen } = driverOf(
      addressOf('postgres://u@h/db?sslmode=require&ssl_min_protocol_version=TLSv1.3'),
    );
    assert.match(JSON.stringify(chosen['ssl']), /"minVersion":"TLSv1\.3"/);
  });
});

const PASSWORD = 'hunter2';
const POSTGRESQL = `postgres://ada:${PASSWORD}@db.example/shop?`;
const MYSQL = `mysql://ada:${PASSWORD}@db.example/shop?`;

/** What is refused, the parameter that the fault names, and what it says to do. */
const REFUSED: readonly (readonly [base: string, parameters: string, fault: RegExp])[] = [
  [
    POSTGRESQL,
    'sslmode=prefer',
    /parameter sslmode=prefer, which falls back to plain text .*; give sslmode=verify-full or/,
  ],
  [POSTGRESQL, 'sslmode=allow', /sslmode=allow, which falls back/],
  [POSTGRESQL, 'sslmode=maybe', /sslmode, whose value is not known; give one of disable, .*require/],
  [POSTGRESQL, 'sslmod=require', /sslmod, which is not known; did you mean sslmode\?/],
  [POSTGRESQL, 'ssl_mdoe=require', /ssl_mdoe, which is not known; did you mean sslmode\?/],
  [POSTGRESQL, 'sslrootcrt=ca.pem', /sslrootcrt, .* did you mean sslrootcert\?/],
  [POSTGRESQL, 'chanel_binding=require', /chanel_binding, .* did you mean channel_binding\?/],
  [POSTGRESQL, 'colour=blue', /colour, which is not known; leave it out \(docs\/your-database\.md/],
  [POSTGRESQL, 'constructor=1', /constructor, which is not known; leave it out/],
  [
    POSTGRESQL,
    'sslmode=require&sslrootcert=system',
    /sslrootcert=system, which goes with sslmode=verify-full alone; give that/,
  ],
  [
    POSTGRESQL,
    'ssl=true&sslmode=disable',
    /for TLS and against it with sslmode=disable; give sslmode=verify-full/,
  ],
  [POSTGRESQL, 'ssl=false&sslmode=require', /for TLS and against it; give/],
  [POSTGRESQL, 'sslmode=require&ssl-mode=disable', /ssl-mode, which contradicts another; give one/],
  [
    POSTGRESQL,
    'sslmode=require&sslaccept=accept_invalid_certs',
    /sslaccept=accept_invalid_certs, which accepts any certificate; .* sslmode=require/,
  ],
  [POSTGRESQL, 'rejectUnauthorized=false', /rejectUnauthorized=false, which accepts any certificate/],
  [POSTGRESQL, 'ssl={"rejectUnauthorized":false}', /parameter ssl, which accepts any certificate/],
  [POSTGRESQL, 'ssl={"ca":"x"}', /parameter ssl, which has more than rejectUnauthorized in it; name files/],
  [POSTGRESQL, 'channel_binding=require', /channel_binding=require without TLS; give sslmode=verify-full/],
  [
    POSTGRESQL,
    'uselibpqcompat=false',
    /uselibpqcompat=false, with which sslmode=require would verify; .*verify-full/,
  ],
  [POSTGRESQL, 'sslcompression=1', /sslcompression=1, which lets an attacker/],
  [
    POSTGRESQL,
    'ssl_min_protocol_version=TLSv1',
    /ssl_min_protocol_version=TLSv1, which is too old; TLS 1\.2/,
  ],
  [POSTGRESQL, 'sslcrl=crl.pem', /sslcrl, and revocation lists are not read; leave it out/],
  [POSTGRESQL, 'gssencmode=require', /gssencmode=require, which is not supported; leave/],
  [POSTGRESQL, 'require_auth=scram-sha-256', /require_auth, which is not checked; leave/],
  [
    POSTGRESQL,
    'target_session_attrs=standby',
    /target_session_attrs=standby, .* takes no writes, .*; give read-write/,
  ],
  [
    POSTGRESQL,
    'target_session_attrs=prefer-standby',
    /takes no writes, and Latchkey writes; give read-write/,
  ],
  [POSTGRESQL, 'service=shop', /service, and no service file is read; give host/],
  [POSTGRESQL, 'passfile=x', /passfile, and no password file is read; give/],
  [POSTGRESQL, 'sslpassword=x', /sslpassword, which is for an encrypted key; give/],
  [POSTGRESQL, 'application_name=', /application_name, which is empty; give/],
  [
    MYSQL,
    'ssl-mode=PREFERRED',
    /ssl-mode=preferred, which falls back .*; give ssl-mode=VERIFY_IDENTITY or ssl-mode=REQUIRED/,
  ],
  [MYSQL, 'tls=skip-verify', /tls=skip-verify, which accepts any certificate; .* ssl-mode=REQUIRED/],
  [MYSQL, 'tls=preferred', /tls=preferred, which falls back/],
  [MYSQL, 'tls=true&allowFallbackToPlaintext=true', /allowFallbackToPlaintext=true, which falls back/],
  [
    MYSQL,
    'trustCertificateKeyStoreUrl=file:x',
    /KeyStoreUrl, and the stores of Java are not read; name files/,
  ],
  [POSTGRESQL, 'socketFactory=com.example.Factory', /socketFactory, which is a class of Java; give the host/],
  [MYSQL, 'useSSL=true&verifyServerCertificate=false', /verifyServerCertificate=false, which accepts any/],
  [MYSQL, 'trustServerCertificate=true', /trustServerCertificate=true, which accepts any/],
  [
    MYSQL,
    'ssl_ca=ca.pem&ssl_check_hostname=false',
    /ssl_check_hostname=false, which accepts the certificate of any host; say so with ssl-mode=VERIFY_CA/,
  ],
  [MYSQL, 'sslcert=ca.pem&ssl-mode=REQUIRED', /one of ssl_cert and ssl_key, .*; ssl_ca names/],
  [
    MYSQL,
    'allowCleartextPasswords=true',
    /allowCleartextPasswords=true, which could show the password; leave/,
  ],
  [MYSQL, 'enabledTLSProtocols=TLSv1,TLSv1.2', /enabledTLSProtocols, which is too old; TLS 1\.2/],
  [MYSQL, 'ssl_cappath=/x', /ssl_cappath, .* did you mean sslcapath\?/],
];

describe('a database URL that is not fit', () => {
  for (const [base, parameters, fault] of REFUSED)
    it(`names the parameter and what to do, and no password: ${base.split(':')[0]} ${parameters}`, () => {
      const reading = readDatabaseUrl(base + parameters);
      const problem = reading.ok ? 'none' : reading.problem;
      assert.match(problem, fault);
      assert.doesNotMatch(problem, /hunter2|ada\b|\n/);
    });

  it('says which URL is meant', () => {
    const others = {
      [`prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}`]: /is for Prisma’s own proxy; give/,
      [`prisma+postgres://accelerate.prisma-data.net/?api_key=${PASSWORD}`]:
        /is for Prisma’s own proxy; give/,
      'file:./dev.db': /is Prisma’s form for SQLite; give sqlite:PATH/,
      'libsql://shop.turso.io': /answers over HTTP, .*; give/,
      [`host=db.example user=ada password=${PASSWORD}`]: /is a list of words; give the URL/,
      [`Server=db.example;Database=shop;Password=${PASSWORD}`]: /is a list of words; give the URL/,
      'mongodb://db.example/shop': /names no database that is known; give/,
      [`postgres://ada:${PASSWORD}@db.example`]: /names no database; put its name behind/,
      [`postgres://ada:${PASSWORD}@/shop`]: /names no host$/,
      [`postgres://ada:${PASSWORD}@db.example:99999/shop`]: /has no host that is one; give/,
      [`postgres://ada:${PASSWORD}@one,,two/shop`]: /has no host that is one; give/,
      [`postgres:ada:${PASSWORD}@db.example/shop`]: /is not a URL; give/,
    };
    for (const [url, fault] of Object.entries(others)) {
      const reading = readDatabaseUrl(url);
      assert.match(reading.ok ? 'none' : reading.problem, fault, url);
      assert.doesNotMatch(reading.ok ? '' : reading.problem, /hunter2/, url);
    }
  });
});

describe('a password in a database URL', () => {
  it('may have any character, encoded or not, as long as the rest can be read', () => {
    for (const password of [
      'p@ss',
      'p#ss',
      'p?ss',
      'p/ss',
      'p:ss',
      'p%ss',
      'p&=ss',
      '[p]',
      'p%zz',
      'pä ss',
      '^!$*(){}|',
      'p@x/y?z#w:1',
      '//p',
      'p%',
    ])
      for (const [form, text] of Object.entries({ encoded: encodeURIComponent(password), raw: password })) {
        const address = addressOf(`postgres://ada:${text}@db.example:5433/shop?sslmode=require`);
        const { user, host, port, database } = address;
        assert.deepEqual(
          [user, address.password, host, port, database],
          ['ada', password, 'db.example', 5_433, 'shop'],
          `${form} ${password}`,
        );
      }
  });

  it('is not taken for a host if the text can be read in two ways', () => {
    const reading = readDatabaseUrl('postgres://ada:12x@hunter2/y@db.example/shop');
    assert.ok(!reading.ok || reading.address.engine === 'sqlite' || reading.address.host === 'db.example');
    for (const url of [
      'postgres://ada:a/b@hunter2/c?d=e@db.example/shop',
      'mysql://ada:#@hunter2/x?y=@db.example/shop',
    ]) {
      const other = readDatabaseUrl(url);
      assert.ok(!other.ok || (other.address.engine !== 'sqlite' && other.address.host === 'db.example'), url);
      assert.doesNotMatch(other.ok ? '' : other.problem, /hunter2/);
    }
  });

  it('A57: is not shown, also behind the prefix of JDBC and in a parameter', () => {
    for (const url of [
      'jdbc:postgresql://ada:hunter2@db.example/shop',
      'jdbc:mysql:loadbalance://ada:hunter2@db.example/shop',
      'jdbc:postgresql://db.example/shop?user=ada&password=hunter2',
    ])
      assert.doesNotMatch(withoutUserInfo(url), /hunter2/);
  });
});
