import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuditFixture, ORIGIN, OTHER_SECRET, signIn } from '../../../tests/kit/audit.ts';
import { controllableServers } from '../../../tests/kit/database-servers.ts';
import { engines, onEveryDatabase } from '../../../tests/kit/databases.ts';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import type { Event } from '../../composition/announce.ts';
import { DAY, HOUR, MINUTE } from '../runtime/clock.ts';
import type { Database } from '../sql/index.ts';
import { newId } from '../text/uuid.ts';
import type { AuditTables } from './store.ts';

const UNAUTHENTICATED: Event = { type: 'sign-in-refused', accountId: null, reason: 'unknown-account' };
const WRITERS = 16;
const EACH = 25;

async function rowsIn({ queries }: Database<AuditTables>) {
  return queries.selectFrom('audit_events').selectAll().orderBy('sequence').execute();
}

onEveryDatabase('the audit trail', (engine) => {
  it('forms one chain without gaps from sixteen concurrent writers, each in its own order', async () => {
    await using ground = await createAuditFixture(engine);
    const writers = Array.from({ length: WRITERS }, () => ground.node());
    for (let turn = 0; turn < EACH; turn += 1) {
      for (const [number, writer] of writers.entries())
        writer.record(signIn(turn), { ...ORIGIN, requestId: `${number} ${turn}` });
      // So that many batches of many writers meet.
      if (turn % 5 === 4) await Promise.all(writers.map(({ settle }) => settle()));
    }
    await Promise.all(writers.map(({ close }) => close()));
    const { records, head, fault } = await ground.verify();
    assert.deepEqual([records, head.sequence, fault], [WRITERS * EACH, WRITERS * EACH, null]);
    const rows = await rowsIn(ground.database);
    for (const number of writers.keys()) {
      const own = rows.flatMap(({ request_id }) =>
        request_id?.startsWith(`${number} `) ? [request_id] : [],
      );
      assert.deepEqual(
        own,
        Array.from({ length: EACH }, (_, turn) => `${number} ${turn}`),
      );
    }
  });

  it('forms one chain across nodes during a secret rotation', async () => {
    await using ground = await createAuditFixture(engine);
    const nodes = [ground.node([SECRET_KEY, OTHER_SECRET]), ground.node([OTHER_SECRET, SECRET_KEY])];
    for (let turn = 0; turn < 10; turn += 1) {
      for (const node of nodes) node.record(signIn(turn), ORIGIN);
      await Promise.all(nodes.map(({ settle }) => settle()));
    }
    await Promise.all(nodes.map(({ close }) => close()));
    const { records, fault } = await ground.verify([SECRET_KEY, OTHER_SECRET]);
    assert.deepEqual([records, fault], [20, null]);
  });

  it('drops unauthenticated events beyond 300 a minute and records their number', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    for (let number = 0; number < 450; number += 1) trail.record(UNAUTHENTICATED, ORIGIN);
    trail.record(signIn(0), ORIGIN);
    ground.clock.advance(MINUTE);
    trail.record(UNAUTHENTICATED, ORIGIN);
    await trail.close();
    const rows = await rowsIn(ground.database);
    assert.equal(rows.length, 303);
    assert.deepEqual(
      rows.slice(300).map(({ type, details }) => [type, details]),
      [
        ['signed-in', '{"method":"password"}'],
        ['audit-records-left-out', '{"count":150}'],
        ['sign-in-refused', '{"reason":"unknown-account"}'],
      ],
    );
  });

  it('A64 I15 records 500 refusals of one client a day, and counts the rest by type', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    const forged: Event = { type: 'request-refused', reason: 'cross-site' };
    const addresses = ['2001:db8:1:2::1', '2001:db8:1:2::99'];
    for (let minute = 0; minute < 60; minute += 1) {
      for (const address of addresses)
        for (let number = 0; number < 5; number += 1) trail.record(forged, { ...ORIGIN, address });
      trail.record(UNAUTHENTICATED, { ...ORIGIN, address: '2001:db8:1:2::3' });
      ground.clock.advance(MINUTE);
    }
    trail.record(forged, { ...ORIGIN, address: '2001:db8:1:3::1' });
    ground.clock.advance(DAY);
    trail.record(forged, { ...ORIGIN, address: '2001:db8:1:2::1' });
    await trail.close();
    const rows = await rowsIn(ground.database);
    const reported = rows
      .filter(({ type }) => type === 'audit-records-left-out')
      .map(({ details }) => details);
    assert.deepEqual(reported, [
      '{"from":"2001:db8:1:2::/64","of":"request-refused","count":145}',
      '{"from":"2001:db8:1:2::/64","of":"sign-in-refused","count":15}',
    ]);
    assert.equal(rows.length, 500 + 1 + 2 + 1, 'another client, and the next day, are recorded again');
  });

  it('A64 records 20 successes of each account from one client a day and 2,000 more of all, and counts the rest by type', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    for (let account = 0; account < 60; account += 1) {
      const accountId = newId(ground.clock.read());
      trail.record({ type: 'registered', accountId }, ORIGIN);
      for (let number = 0; number < 30; number += 1) {
        const about = { accountId, sessionId: newId(0) };
        trail.record({ type: 'signed-in', ...about, method: 'password' }, ORIGIN);
        trail.record({ type: 'signed-out', ...about }, ORIGIN);
      }
      await trail.settle();
    }
    await trail.close();
    const rows = await rowsIn(ground.database);
    assert.equal(rows.length, 60 * 20 + 2_000 + 2);
    const reported = rows.slice(60 * 20 + 2_000).map(({ details }) => JSON.parse(details));
    assert.deepEqual(
      reported.map(({ from }) => from),
      [ORIGIN.address, ORIGIN.address],
    );
    assert.equal(
      reported.reduce((sum, { count }) => sum + count, 0),
      460,
    );
  });

  it('A64 names the network of each sign-in to an account, however often it was signed in to from others', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    const accountId = newId(ground.clock.read());
    const signInFrom = (address: string) =>
      trail.record(
        { type: 'signed-in', accountId, sessionId: newId(0), method: 'password' },
        { ...ORIGIN, address },
      );
    for (let number = 0; number < 99; number += 1) signInFrom(`192.0.2.${number}`);
    for (let number = 0; number < 1_000; number += 1) signInFrom('198.51.100.1');
    signInFrom('203.0.113.66');
    await trail.close();
    const rows = await rowsIn(ground.database);
    assert.equal(rows.filter(({ address }) => address === '203.0.113.66').length, 1);
    assert.equal(rows.length, 99 + 30 + 1 + 1);
    assert.equal(rows.at(-1)?.details, '{"from":"198.51.100.1","of":"signed-in","count":970}');
  });

  it('A64 I23 records 30 events of one type about an account and a client an hour, 300 of all clients, and counts the rest', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    const accountId = newId(ground.clock.read());
    const events: readonly Event[] = [
      { type: 'signed-in', accountId, sessionId: newId(0), method: 'password' },
      { type: 'sign-in-refused', accountId, reason: 'wrong-credential' },
    ];
    for (let number = 0; number < 100; number += 1) for (const event of events) trail.record(event, ORIGIN);
    for (let number = 0; number < 300; number += 1)
      for (const event of events) trail.record(event, { ...ORIGIN, address: `198.51.100.${number % 250}` });
    trail.record({ type: 'password-changed', accountId, sessionId: null }, ORIGIN);
    ground.clock.advance(HOUR);
    for (const event of events) trail.record(event, ORIGIN);
    await trail.settle();
    const newest = await trail.newestOf(accountId, 1_000);
    const about = newest.slice(0, 7).map(({ type, details }) => [type, details]);
    assert.deepEqual(about, [
      ['sign-in-refused', '{"reason":"wrong-credential"}'],
      ['signed-in', '{"method":"password"}'],
      ['audit-records-left-out', '{"from":"192.0.2.7","of":"sign-in-refused","count":70}'],
      ['audit-records-left-out', '{"from":null,"of":"sign-in-refused","count":30}'],
      ['audit-records-left-out', '{"from":null,"of":"signed-in","count":30}'],
      ['audit-records-left-out', '{"from":"192.0.2.7","of":"signed-in","count":70}'],
      ['password-changed', '{}'],
    ]);
    assert.equal(newest.length, 607);
    await trail.close();
  });

  it('A64 counts what was left out also when the node ends', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    for (let minute = 0; minute < 3; minute += 1) {
      for (let number = 0; number < 200; number += 1) trail.record(UNAUTHENTICATED, ORIGIN);
      ground.clock.advance(MINUTE);
    }
    await trail.close();
    const last = (await rowsIn(ground.database)).at(-1);
    assert.equal(last?.details, '{"from":"192.0.2.7","of":"sign-in-refused","count":100}');
  });

  it('loses one record that the database refuses, and none of its batch', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    for (let number = 0; number < 10; number += 1)
      trail.record(number === 3 ? { type: 'registered', accountId: 'no id' } : signIn(0), ORIGIN);
    await trail.close();
    const types = (await rowsIn(ground.database)).map(({ type }) => type);
    assert.equal(types.filter((type) => type === 'signed-in').length, 9);
    assert.deepEqual(
      types.filter((type) => type !== 'signed-in'),
      ['audit-records-lost'],
    );
    assert.equal((await ground.verify()).fault, null);
  });
});

for (const { name, start } of controllableServers) {
  describe(`the audit trail while ${name} is unavailable`, () => {
    it('A58: queues records up to a bound, and counts and reports those beyond it', async () => {
      await using server = await start();
      await using ground = await createAuditFixture(server.engine);
      const trail = ground.node([SECRET_KEY], 20);
      const record = (count: number) => {
        for (let number = 0; number < count; number += 1) trail.record(signIn(0), ORIGIN);
      };
      record(3);
      await trail.settle();
      await server.whileStopped(async () => {
        record(27);
        await trail.settle();
        assert.match(ground.logLines.join(''), /"event":"audit-waits","records":20/);
      });
      await trail.settle();
      record(1);
      await trail.close();
      const rows = await rowsIn(ground.database);
      assert.deepEqual(
        rows.flatMap(({ type, sequence, details }) =>
          type === 'signed-in' ? [] : [[sequence, type, details]],
        ),
        [[24, 'audit-records-lost', '{"count":7}']],
      );
      assert.match(ground.logLines.join(''), /"event":"audit-records-lost","count":7/);
      const { records, fault } = await ground.verify();
      assert.deepEqual([records, fault], [25, null]);
    });
  });
}

describe('the audit trail', () => {
  it('keeps each refusal about an account that exists, also in a flood of unauthenticated events', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    const accountId = newId(ground.clock.read());
    const refusal: Event = { type: 'sign-in-refused', accountId, reason: 'wrong-credential' };
    for (let number = 0; number < 300; number += 1) trail.record(UNAUTHENTICATED, ORIGIN);
    for (const event of [UNAUTHENTICATED, refusal, UNAUTHENTICATED, refusal]) trail.record(event, ORIGIN);
    await trail.settle();
    assert.equal((await trail.newestOf(accountId, 10)).length, 2);
    assert.equal((await rowsIn(ground.database)).length, 302);
    await trail.close();
  });

  it('A64 names each user and each change of an account behind an address whose share of records is spent', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    const user = () => {
      const about = { accountId: newId(ground.clock.read()), sessionId: newId(0) };
      const signsIn = () => trail.record({ type: 'signed-in', ...about, method: 'password' }, ORIGIN);
      const signsOut = () => trail.record({ type: 'signed-out', ...about }, ORIGIN);
      return { ...about, signsIn, signsOut };
    };
    for (const { signsIn, signsOut } of Array.from({ length: 1_000 }, user)) {
      signsIn();
      signsOut();
    }
    for (const { signsIn, signsOut } of Array.from({ length: 60 }, user)) {
      for (let turn = 0; turn < 30; turn += 1) {
        signsIn();
        signsOut();
      }
    }
    const { accountId, sessionId, signsIn } = user();
    for (let turn = 0; turn < 25; turn += 1) signsIn();
    const changes: readonly Event[] = [
      { type: 'password-reset-requested', accountId },
      { type: 'password-reset', accountId },
      { type: 'password-changed', accountId, sessionId },
      { type: 'password-disabled', accountId },
      { type: 'address-change-requested', accountId },
      { type: 'address-changed', accountId },
      { type: 'address-change-undone', accountId },
      { type: 'identity-confirmed', accountId, sessionId },
      { type: 'identity-linked', accountId, provider: 'example' },
      { type: 'identity-unlinked', accountId, provider: 'example' },
      { type: 'session-ended', accountId, sessionId, endedBy: newId(0) },
      { type: 'other-sessions-ended', accountId, keptSessionId: sessionId, count: 1 },
      { type: 'session-stolen', accountId, sessionId },
      { type: 'signed-out-everywhere', accountId, sessions: 1 },
      { type: 'sign-in-reported', accountId },
      { type: 'data-exported', accountId },
      { type: 'account-deletion-requested', accountId, deleteAt: 0 },
      { type: 'account-deletion-cancelled', accountId },
    ];
    for (const event of changes) trail.record(event, ORIGIN);
    await trail.settle();
    const types = (await trail.newestOf(accountId, 100)).map(({ type }) => type).toReversed();
    assert.deepEqual(types, [
      ...Array.from({ length: 20 }, () => 'signed-in'),
      ...changes.map(({ type }) => type),
    ]);
    await trail.close();
  });

  it('A64 records 300 refusals about an account an hour from however many networks', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    const accountId = newId(ground.clock.read());
    const refusal: Event = { type: 'sign-in-refused', accountId, reason: 'wrong-credential' };
    for (let number = 0; number < 30_000; number += 1)
      trail.record(refusal, { ...ORIGIN, address: `2001:db8:1:${number.toString(16)}::1` });
    await trail.close();
    const rows = await rowsIn(ground.database);
    assert.equal(rows.length, 300 + 1);
    assert.equal(rows.at(-1)?.details, '{"from":null,"of":"sign-in-refused","count":29700}');
  });

  it('A64 records 20,000 unauthenticated refusals a day from any number of clients', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    for (let minute = 0; minute < 70; minute += 1) {
      for (let number = 0; number < 300; number += 1)
        trail.record(UNAUTHENTICATED, { ...ORIGIN, address: `10.${minute}.${number >> 8}.${number & 255}` });
      ground.clock.advance(MINUTE);
      await trail.settle();
    }
    ground.clock.advance(DAY);
    trail.record(UNAUTHENTICATED, ORIGIN);
    await trail.close();
    const rows = await rowsIn(ground.database);
    assert.equal(rows.length, 20_000 + 1 + 1);
    assert.equal(rows.at(-2)?.details, '{"count":1000}');
  });

  it('A64 keeps a short name of a browser that was refused', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    for (const event of [UNAUTHENTICATED, signIn(0)])
      trail.record(event, { ...ORIGIN, userAgent: 'a'.repeat(400) });
    await trail.close();
    const lengths = (await rowsIn(ground.database)).map(({ user_agent }) => user_agent?.length);
    assert.deepEqual(lengths, [120, 400]);
  });

  it('logs the records that it could not write before it closed', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await createAuditFixture(sqlite);
    const trail = ground.node();
    await ground.database.close();
    for (let number = 0; number < 5; number += 1) trail.record(signIn(0), ORIGIN);
    await trail.close();
    assert.match(ground.logLines.join(''), /"event":"audit-records-lost","count":5/);
  });
});

onEveryDatabase('the chain of audit records', (engine) => {
  it('continues under a new secret, and is verified with both', async () => {
    await using ground = await createAuditFixture(engine);
    await ground.write(3);
    const changed = ground.node([OTHER_SECRET]);
    changed.record(signIn(0), ORIGIN);
    await changed.close();
    const { fault, records } = await ground.verify([OTHER_SECRET, SECRET_KEY]);
    assert.deepEqual([fault, records], [null, 5], 'one record says that the chain was resumed');
    assert.match(ground.logLines.join(''), /"event":"audit-resumed","sequence":4/);
  });
});

/** What an attacker does without the key under a running node, who has kept the row of the newest record from before. */
type Attack = (
  queries: Database<AuditTables>['queries'],
  last: AuditTables['audit_ends'],
) => Promise<unknown>;

const putBack: Attack = async (queries, last) => {
  await queries.deleteFrom('audit_events').where('sequence', '>', last.sequence).execute();
  await queries.updateTable('audit_ends').set(last).where('name', '=', 'last').execute();
};

const ROLLBACKS: readonly (readonly [string, Attack])[] = [
  ['an older state put back', putBack],
  [
    'an older state put back and lengthened by another node',
    async (queries, last) => {
      await putBack(queries, last);
      return 'lengthen';
    },
  ],
  [
    'everything deleted',
    async (queries) => {
      await queries.deleteFrom('audit_events').execute();
      await queries.deleteFrom('audit_ends').execute();
    },
  ],
  ['all records deleted', (queries) => queries.deleteFrom('audit_events').execute()],
  [
    'the last records deleted',
    (queries, { sequence }) => queries.deleteFrom('audit_events').where('sequence', '>', sequence).execute(),
  ],
];

onEveryDatabase('a running node', (engine) => {
  for (const [what, attack] of ROLLBACKS) {
    it(`A69 I08 notices ${what}, records it and logs it`, async () => {
      await using ground = await createAuditFixture(engine);
      const trail = ground.node();
      const { queries } = ground.database;
      const record = async (count: number) => {
        for (let number = 0; number < count; number += 1) trail.record(signIn(number), ORIGIN);
        await trail.settle();
      };
      await record(2);
      const last = await queries.selectFrom('audit_ends').selectAll().executeTakeFirstOrThrow();
      await record(5);
      assert.equal((await ground.verify()).fault, null);
      if ((await attack(queries, last)) === 'lengthen') await ground.write(8);
      await record(1);
      assert.match(ground.logLines.join(''), /"level":"error".*"event":"audit-resumed"/);
      assert.ok((await rowsIn(ground.database)).some(({ type }) => type === 'audit-resumed'));
      assert.notEqual((await ground.verify()).fault, null);
      const lines = ground.logLines.length;
      await record(1);
      assert.equal(ground.logLines.length, lines, 'and that once');
      await trail.close();
    });
  }

  it('A69 I08 notices a rollback within a day when nothing is recorded, and logs the head each day', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    const { queries } = ground.database;
    const heads = () =>
      ground.logLines.flatMap((line) => /"event":"audit-head","head":"([^"]+)"/.exec(line)?.[1] ?? []);
    const anHour = async () => {
      ground.clock.advance(HOUR);
      await trail.deleteExpired(ground.clock.read(), 500);
    };
    await trail.logHead();
    trail.record(signIn(0), ORIGIN);
    await trail.settle();
    const last = await queries.selectFrom('audit_ends').selectAll().executeTakeFirstOrThrow();
    trail.record(signIn(1), ORIGIN);
    await trail.settle();
    for (let hour = 0; hour < 48; hour += 1) await anHour();
    const [, second = '', third] = heads();
    assert.deepEqual([heads().length, second, third], [3, second, second]);
    const [sequence = '', mac = ''] = second.split(':');
    const expected = { sequence: Number(sequence), mac };
    assert.equal((await ground.verify([SECRET_KEY], expected)).fault, null);
    await putBack(queries, last);
    assert.equal((await ground.verify([SECRET_KEY], expected)).fault?.kind, 'unexpected');
    assert.doesNotMatch(ground.logLines.join(''), /audit-resumed/);
    for (let hour = 0; hour < 24; hour += 1) await anHour();
    assert.match(ground.logLines.join(''), /"event":"audit-resumed"/);
    await trail.close();
    assert.equal(heads().length, 5, 'and the last one at its end');
  });

  it('I08 raises no alarm when retention has cut every record that it knows of', async () => {
    await using ground = await createAuditFixture(engine);
    const trail = ground.node();
    trail.record(signIn(0), ORIGIN);
    await trail.settle();
    ground.clock.advance(40 * DAY);
    await ground.write(1);
    assert.equal(await trail.deleteExpired(ground.clock.read(), 500), 1);
    trail.record(signIn(1), ORIGIN);
    await trail.close();
    assert.doesNotMatch(ground.logLines.join(''), /audit-resumed/);
    assert.equal((await ground.verify()).fault, null);
  });
});
