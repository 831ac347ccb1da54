import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createAuditFixture, findFault, RECORDS, tamperWithRecord } from '../../../tests/kit/audit.ts';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { DAY } from '../runtime/clock.ts';

onEveryDatabase('the retention of audit records', (engine) => {
  it('cuts the chain only at its beginning, and leaves the rest intact', async () => {
    await using ground = await createAuditFixture(engine);
    await ground.write(70);
    ground.clock.advance(20 * DAY);
    await ground.write(5);
    const trail = ground.node();
    const now = () => ground.clock.read();
    assert.equal(await trail.deleteExpired(now(), 500), 0);
    ground.clock.advance(10 * DAY);
    assert.deepEqual([await trail.deleteExpired(now(), 50), await trail.deleteExpired(now(), 50)], [50, 20]);
    assert.deepEqual(await ground.verify().then(({ fault, records }) => [fault, records]), [null, 5]);
    ground.clock.advance(20 * DAY);
    assert.equal(await trail.deleteExpired(now(), 50), 5);
    assert.deepEqual(await ground.verify().then(({ fault, records }) => [fault, records]), [null, 0]);
    await ground.write(2);
    const { fault, head } = await ground.verify();
    assert.deepEqual([fault, head.sequence], [null, 77]);
    await ground.database.queries.deleteFrom('audit_events').where('sequence', '=', 76).execute();
    assert.deepEqual(await findFault(ground), [76, 'missing']);
  });

  it('refuses to delete a record that an attacker backdated', async () => {
    await using ground = await createAuditFixture(engine);
    await ground.write(RECORDS);
    ground.clock.advance(DAY);
    await tamperWithRecord(ground.database.queries, 40, { happened_at: 1 });
    assert.equal(await ground.node().deleteExpired(ground.clock.read(), 500), 0);
    assert.match(ground.logLines.join(''), /"event":"audit-record-forged","sequence":40/);
  });
});
