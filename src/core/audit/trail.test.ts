import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditGround, ORIGIN, OTHER_SECRET, signIn } from '../../../tests/kit/audit.ts';
import { ownServers } from '../../../tests/kit/database-servers.ts';
import { engines, onEveryDatabase } from '../../../tests/kit/databases.ts';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { MINUTE } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Event } from '../events.ts';
import { newId } from '../identifiers/uuid.ts';

const STRANGER: Event = { type: 'sign-in-refused', accountId: null, reason: 'unknown-account' };
const WRITERS = 16;
const EACH = 25;

async function rowsIn({ queries }: Database) {
  return queries.selectFrom('audit_events').selectAll().orderBy('sequence').execute();
}

onEveryDatabase('the audit trail', (engine) => {
  it('forms one chain without gaps from sixteen concurrent writers, each in its own order', async () => {
    await using ground = await auditGround(engine);
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
    await using ground = await auditGround(engine);
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
    await using ground = await auditGround(engine);
    const trail = ground.node();
    for (let number = 0; number < 450; number += 1) trail.record(STRANGER, ORIGIN);
    trail.record(signIn(0), ORIGIN);
    ground.clock.advance(MINUTE);
    trail.record(STRANGER, ORIGIN);
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

  it('loses one record that the database refuses, and none of its batch', async () => {
    await using ground = await auditGround(engine);
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

for (const { name, start } of ownServers) {
  describe(`the audit trail while ${name} is unavailable`, () => {
    it('A58: queues records up to a bound, and counts and reports those beyond it', async () => {
      await using server = await start();
      await using ground = await auditGround(server.engine);
      const trail = ground.node([SECRET_KEY], 20);
      const record = (count: number) => {
        for (let number = 0; number < count; number += 1) trail.record(signIn(0), ORIGIN);
      };
      record(3);
      await trail.settle();
      await server.whileGone(async () => {
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
    await using ground = await auditGround(sqlite);
    const trail = ground.node();
    const accountId = newId(ground.clock.read());
    const refusal: Event = { type: 'sign-in-refused', accountId, reason: 'wrong-credential' };
    for (let number = 0; number < 300; number += 1) trail.record(STRANGER, ORIGIN);
    for (const event of [STRANGER, refusal, STRANGER, refusal]) trail.record(event, ORIGIN);
    await trail.settle();
    assert.equal((await trail.newestOf(accountId, 10)).length, 2);
    assert.equal((await rowsIn(ground.database)).length, 302);
    await trail.close();
  });

  it('logs the records that it could not write before it closed', async () => {
    const [sqlite] = engines;
    assert.ok(sqlite !== undefined);
    await using ground = await auditGround(sqlite);
    const trail = ground.node();
    await ground.database.close();
    for (let number = 0; number < 5; number += 1) trail.record(signIn(0), ORIGIN);
    await trail.close();
    assert.match(ground.logLines.join(''), /"event":"audit-records-lost","count":5/);
  });
});

onEveryDatabase('the chain of audit records', (engine) => {
  it('continues under a new secret, and is verified with both', async () => {
    await using ground = await auditGround(engine);
    await ground.write(3);
    const changed = ground.node([OTHER_SECRET]);
    changed.record(signIn(0), ORIGIN);
    await changed.close();
    const { fault, records } = await ground.verify([OTHER_SECRET, SECRET_KEY]);
    assert.deepEqual([fault, records], [null, 5], 'one record says that the chain was resumed');
    assert.match(ground.logLines.join(''), /"event":"audit-resumed","sequence":4/);
  });
});
