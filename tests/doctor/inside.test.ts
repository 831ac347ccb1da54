import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import { migrations } from '../../src/latchkey.ts';
import { checkFromInside } from '../../src/operations/doctor/doctor.ts';
import { reportFor } from '../../src/operations/doctor/findings.ts';
import { checkMail } from '../../src/operations/doctor/services.ts';
import { DAY } from '../../src/platform/runtime/index.ts';
import { migrate, openDatabase, recordStep, recordUnfinishedCopy } from '../../src/platform/sql/index.ts';
import { givenSettings } from '../../src/read-settings.ts';
import { startRangeApi } from '../kit/breached-passwords.ts';
import { DATABASE_OPTIONS, existingDatabase, onEveryDatabase, REDIS_URL } from '../kit/databases.ts';
import { startHttpProxy, trustedIdentity } from '../kit/http-proxy.ts';
import { startSmtp } from '../kit/mail.ts';
import { SECRET_KEY, startSystem } from '../kit/system.ts';
import type { AllTables, Database } from '../kit/tables.ts';
import { freePort, temporaryFolder } from '../kit/temporary.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

type Environment = Readonly<Record<string, string>>;

/** The findings, as lines of verdict, check and text. */
async function look(url: string, environment: Environment = {}): Promise<readonly string[]> {
  // The cheapest hash, because each run measures the duration of one.
  const given = { SECRET_KEY, DATABASE_URL: url, PASSWORD_HASH: 'm=19456,t=2,p=1', ...environment };
  const findings = await checkFromInside(givenSettings(given, '/nowhere'));
  return findings.map(({ verdict, check, what }) => `${verdict} ${check}: ${what}`);
}

const wrong = (lines: readonly string[]) =>
  lines.filter((line) => !line.startsWith('ok ') && !line.startsWith('warning hashing: '));

async function change(url: string, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  await work(database);
  await database.close();
}

onEveryDatabase('latchkey doctor from inside', (engine) => {
  it('finds no fault in a correct installation', async () => {
    await using empty = await engine.create();
    await change(empty.url, (database) => migrate(database, migrations, 0));
    const redis = REDIS_URL === undefined ? {} : { REDIS_URL };
    const lines = await look(empty.url, { PASSWORD_HASH: 'm=19456,t=4,p=1', ...redis });
    assert.deepEqual(wrong(lines), []);
    assert.equal(lines.includes('ok redis: answers'), REDIS_URL !== undefined);
    const checks = new Set(lines.map((line) => line.replace(/^(?:ok|warning) (.*?):.*/, '$1')));
    for (const check of ['secrets', 'hashing', 'database', 'schema', 'clock', 'pepper'])
      assert.ok(checks.has(check), check);
    assert.match(lines.join('\n'), /^ok database: .* answers in [\d.]+ ms$/m);
    const clock = engine.name === 'SQLite' ? /this machine’s clock/ : /within \d\.\d s of the database’s/;
    assert.match(lines.join('\n'), clock);
  });

  it('reports a schema that is behind, ahead or half copied', async () => {
    await using empty = await engine.create();
    const isFile = engine.name === 'SQLite';
    if (isFile) assert.deepEqual(wrong(await look(empty.url)), ['warning database: there is none yet']);
    await change(empty.url, (database) => database.ping());
    const behind = `schema: lacks step ${migrations.map(({ number }) => number).join(', ')}`;
    assert.deepEqual(wrong(await look(empty.url)), [`warning ${behind}`]);
    assert.deepEqual(wrong(await look(empty.url, { MIGRATE: 'manual' })), [`fault ${behind}`]);
    await change(empty.url, async (database) => {
      await migrate(database, migrations, 0);
      await recordUnfinishedCopy(database.queries, 'elsewhere', 0);
    });
    assert.deepEqual(wrong(await look(empty.url)), [
      'fault schema: a copy into this database was not finished',
    ]);
    await change(empty.url, ({ queries }) =>
      recordStep(queries, { number: 999, name: 'from the future' }, 0),
    );
    const ahead = 'fault schema: the database was made by a newer Latchkey (schema step 999)';
    assert.deepEqual(wrong(await look(empty.url)), [ahead]);
  });

  it('counts the password hashes whose pepper is lost, and those that still need an older one', async () => {
    await using empty = await engine.create();
    const there = existingDatabase(empty.url);
    await using plain = await startSystem({}, there);
    await plain.visitor().register('Cleo', ADA.password);
    await using old = await startSystem({ passwordPepper: OLD }, there);
    await old.visitor().register(ADA.username, ADA.password);
    await using both = await startSystem({ passwordPepper: `${NEW},${OLD}` }, there);
    await both.visitor().register(BEN.username, BEN.password);
    const lost = (count: number) =>
      `fault pepper: ${count} of 3 password hashes were made with a pepper that is not set; their owners cannot sign in`;
    assert.deepEqual(wrong(await look(empty.url)), [lost(2)]);
    assert.deepEqual(wrong(await look(empty.url, { PASSWORD_PEPPER: OLD })), [lost(1)]);
    const lines = await look(empty.url, { PASSWORD_PEPPER: `${NEW},${OLD}` });
    assert.deepEqual(wrong(lines), []);
    const words =
      'ok pepper: 1 of 3 password hashes have the newest; 1 need an older one, so keep it; the others get it at the next sign-in';
    assert.ok(lines.includes(words), lines.join('\n'));
  });
});

describe('latchkey doctor from inside', () => {
  it('reports once that a database does not answer, without its password', async () => {
    const port = await freePort();
    for (const scheme of ['postgres', 'mysql']) {
      const lines = wrong(await look(`${scheme}://ada:hunter2@127.0.0.1:${port}/latchkey`));
      assert.deepEqual(lines, [
        `fault database: nothing answers at 127.0.0.1:${port}; is the server running, and is this its address?`,
      ]);
    }
  });

  it('reports that a file is not a database', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'latchkey.db');
    writeFileSync(path, 'a letter to the editor', { mode: 0o600 });
    const [line, ...more] = wrong(await look(`sqlite:${path}`));
    assert.deepEqual(more, []);
    assert.match(String(line), /^fault database: cannot open the database file .*not a database/);
  });

  it('reports whether mail can be sent, without the SMTP password', async () => {
    await using smtp = await startSmtp();
    const mail = async (environment: Environment) =>
      (await look('sqlite:/nowhere/latchkey.db', environment)).filter((line) => line.includes(' mail: '));
    const at = (url: string) => mail({ SMTP_URL: url, MAIL_FROM: 'login@example.org' });
    assert.deepEqual(await mail({}), ['ok mail: is shown at /dev/mailbox, because there is no SMTP_URL']);
    assert.match(
      String(await mail({ BASE_URL: 'https://login.example.org' })),
      /^warning mail: none can be sent/,
    );
    const address = `127.0.0.1:${smtp.port}`;
    assert.deepEqual(await at(`smtp://${address}`), [
      `ok mail: ${address} is on this machine, and answers unencrypted; no sign-in is set`,
    ]);
    assert.match(String(await at(`smtp://login:hunter2@${address}`)), /^fault mail: .* cannot be used: “535/);
    assert.match(
      String(await at(`smtp://login:hunter2@0.0.0.0:${smtp.port}`)),
      /^fault mail: 0\.0\.0\.0:\d+ cannot be used: “500 /,
    );
    assert.match(String(await at(`smtp://127.0.0.1:${await freePort()}`)), /^fault mail: .* ECONNREFUSED/);
  });

  it('P24: says what is wrong with the certificate of the mail server, in whole sentences', async () => {
    const unknown = await createSelfSigned({
      title: 'x',
      hosts: ['0.0.0.0'],
      validFrom: new Date(Date.now() - DAY),
      validTo: new Date(Date.now() + DAY),
    });
    for (const [scheme, identity, what, fix] of [
      ['smtp', { cert: unknown.certificate, key: unknown.key }, /--use-system-ca”$/, /\?ca=FILE/],
      ['smtp', await trustedIdentity('mail.example.org'), /does not match/, /as its certificate does/],
      [
        'smtps',
        await trustedIdentity('mail.example.org'),
        /wrong version number/,
        /give smtp:\/\/ with this port/,
      ],
    ] as const) {
      await using smtp = await startSmtp(identity);
      const environment = { SMTP_URL: `${scheme}://0.0.0.0:${smtp.port}`, MAIL_FROM: 'login@example.org' };
      const finding = await checkMail(givenSettings(environment, '/nowhere'), reportFor('mail'));
      assert.equal(finding.verdict, 'fault');
      assert.match(finding.what, what);
      assert.match('fix' in finding ? finding.fix : '', fix);
    }
  });

  it('P40: reports whether the service for breached passwords answers, and by which way', async () => {
    await using api = await startRangeApi();
    const breaches = async (environment: Environment) =>
      (await look('sqlite:/nowhere/latchkey.db', environment)).filter((line) =>
        line.includes(' breached passwords: '),
      );
    assert.deepEqual(await breaches({}), [], 'it is not used');
    const hibp = { BREACHED_PASSWORDS: 'hibp', HIBP_URL: api.url.href };
    assert.deepEqual(await breaches(hibp), [`ok breached passwords: ${api.url.origin} answers directly`]);
    assert.equal(api.requests[0]?.path, '/range/00000', 'no part of a password is sent');
    api.answer = (response) => response.end('<html>It works!</html>');
    assert.match(
      String(await breaches(hibp)),
      /^fault breached passwords: .* gives no answer directly: malformed; /,
    );
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    assert.match(String(await breaches({ ...hibp, HIBP_URL: nowhere })), /^fault .*: ECONNREFUSED; /);
    await using proxy = await startHttpProxy();
    const behind = {
      ...hibp,
      HIBP_URL: 'https://hibp.example.org',
      HTTPS_PROXY: proxy.url.replace('//', '//ada:hunter2@'),
    };
    proxy.answer = 407;
    const [line = ''] = await breaches(behind);
    assert.match(
      line,
      /^fault breached passwords: https:\/\/hibp\.example\.org gives no answer through the proxy http:/,
    );
    assert.match(line, /: proxy-authentication-required; passwords are compared with the shipped list only$/);
    assert.doesNotMatch(line, /hunter2/);
  });

  it('reports that Redis does not answer, without its password', async () => {
    const deleted = `redis://:hunter2@127.0.0.1:${await freePort()}`;
    const lines = wrong(await look('sqlite:/nowhere/latchkey.db', { REDIS_URL: deleted }));
    assert.deepEqual(lines, [
      'fault redis: does not answer; the nodes count in the database meanwhile',
      'warning database: there is none yet',
    ]);
  });
});
