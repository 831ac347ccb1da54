import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  createAuditFixture,
  findFault,
  ORIGIN,
  OTHER_SECRET,
  RECORDS,
  signIn,
  tamperWithRecord,
} from '../../../tests/kit/audit.ts';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { createSecrets } from '../crypto/secrets.ts';
import type { Database } from '../sql/index.ts';
import { createSeals } from './seals.ts';
import type { AuditTables } from './store.ts';

type Queries = Database<AuditTables>['queries'];

async function deleteBehind(queries: Queries, sequence: number): Promise<void> {
  await queries.deleteFrom('audit_events').where('sequence', '>', sequence).execute();
}

async function rowAt(queries: Queries, sequence: number) {
  const all = queries.selectFrom('audit_events').selectAll().where('sequence', '=', sequence);
  return all.executeTakeFirstOrThrow();
}

/** Points the row that names the newest record at an older one, without the key. */
async function pointBack(queries: Queries, sequence: number): Promise<void> {
  const { mac } = await rowAt(queries, sequence);
  await queries.updateTable('audit_ends').set({ sequence, mac }).where('name', '=', 'last').execute();
}

/** What an attacker can do who may write to the database and does not have the key, and the result of verification. */
const TAMPERING: readonly {
  readonly what: string;
  readonly tamper: (queries: Queries) => Promise<unknown>;
  readonly found: readonly [sequence: number, kind: string];
}[] = [
  {
    what: 'a changed address',
    tamper: (queries) => tamperWithRecord(queries, 40, { address: '192.0.2.8' }),
    found: [40, 'changed'],
  },
  {
    what: 'a changed outcome',
    tamper: (queries) => tamperWithRecord(queries, 40, { outcome: 'failure' }),
    found: [40, 'changed'],
  },
  {
    what: 'a changed account',
    tamper: (queries) => tamperWithRecord(queries, 40, { account_id: new Uint8Array(16).fill(7) }),
    found: [40, 'changed'],
  },
  {
    what: 'a changed time',
    tamper: (queries) => tamperWithRecord(queries, 40, { happened_at: 1 }),
    found: [40, 'changed'],
  },
  {
    what: 'a record deleted in the middle',
    tamper: (queries) => queries.deleteFrom('audit_events').where('sequence', '=', 40).execute(),
    found: [40, 'missing'],
  },
  {
    what: 'the first record deleted',
    tamper: (queries) => queries.deleteFrom('audit_events').where('sequence', '=', 1).execute(),
    found: [1, 'missing'],
  },
  { what: 'the last records deleted', tamper: (queries) => deleteBehind(queries, 90), found: [91, 'cut'] },
  {
    what: 'the last records deleted and the end row pointed back',
    tamper: async (queries) => {
      await pointBack(queries, 90);
      await deleteBehind(queries, 90);
    },
    found: [90, 'end-forged'],
  },
  {
    what: 'all records deleted except the end row',
    tamper: (queries) => deleteBehind(queries, 0),
    found: [1, 'cut'],
  },
  {
    what: 'the end row deleted',
    tamper: (queries) => queries.deleteFrom('audit_ends').execute(),
    found: [RECORDS, 'end-forged'],
  },
  {
    what: 'two records swapped',
    tamper: async (queries) => {
      await tamperWithRecord(queries, 40, { sequence: 1_000 });
      await tamperWithRecord(queries, 60, { sequence: 40 });
      await tamperWithRecord(queries, 1_000, { sequence: 60 });
    },
    found: [40, 'moved'],
  },
  {
    what: 'two neighbours swapped',
    tamper: async (queries) => {
      await tamperWithRecord(queries, 40, { sequence: 1_000 });
      await tamperWithRecord(queries, 41, { sequence: 40 });
      await tamperWithRecord(queries, 1_000, { sequence: 41 });
    },
    found: [40, 'moved'],
  },
  {
    what: 'a genuine record added again at the end',
    tamper: async (queries) => {
      const row = await rowAt(queries, RECORDS);
      const added = { ...row, sequence: RECORDS + 1, previous_mac: row.mac };
      await queries.insertInto('audit_events').values(added).execute();
    },
    found: [RECORDS + 1, 'changed'],
  },
  {
    what: 'a record added before the first',
    tamper: async (queries) => {
      const row = { ...(await rowAt(queries, 1)), sequence: 0 };
      await queries.insertInto('audit_events').values(row).execute();
    },
    found: [0, 'added'],
  },
];

onEveryDatabase('the verification of audit records', (engine) => {
  it('accepts untouched records, and compares them with a head noted earlier', async () => {
    await using ground = await createAuditFixture(engine);
    assert.deepEqual((await ground.verify()).fault, null, 'also when nothing has happened');
    await ground.write(RECORDS);
    const { records, head, fault } = await ground.verify();
    assert.deepEqual([records, head.sequence, fault], [RECORDS, RECORDS, null]);
    await ground.write(3);
    assert.equal((await ground.verify([SECRET_KEY], head)).fault, null);
    const other = { ...head, mac: head.mac.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) };
    assert.equal((await ground.verify([SECRET_KEY], other)).fault?.kind, 'unexpected');
    const later = { ...head, sequence: 1_000 };
    assert.equal(
      (await ground.verify([SECRET_KEY], later)).fault?.kind,
      'unexpected',
      'as after an old backup',
    );
  });

  for (const { what, tamper, found } of TAMPERING) {
    it(`detects ${what}, also after more records were written`, async () => {
      await using ground = await createAuditFixture(engine);
      await ground.write(RECORDS);
      await tamper(ground.database.queries);
      assert.deepEqual(await findFault(ground), found);
      await ground.write(3);
      const { fault } = await ground.verify();
      assert.notEqual(fault, null);
      assert.ok(Number(fault?.sequence) <= RECORDS + 1, `what came before is in doubt, not what comes after`);
      const kept = await ground.database.queries.selectFrom('audit_events').select('type').execute();
      assert.ok(kept.filter(({ type }) => type === 'signed-in').length >= 3, 'and goes on all the same');
    });
  }

  it('needs every secret the records were made with, and names the first record that needs another', async () => {
    await using ground = await createAuditFixture(engine);
    await ground.write(3);
    const rotated = ground.node([OTHER_SECRET, SECRET_KEY]);
    rotated.record(signIn(0), ORIGIN);
    await rotated.close();
    assert.equal((await ground.verify([OTHER_SECRET, SECRET_KEY])).fault, null);
    const { fault } = await ground.verify([OTHER_SECRET]);
    assert.deepEqual([fault?.sequence, fault?.kind], [1, 'unknown-key']);
    assert.equal((await ground.verify([SECRET_KEY])).fault?.sequence, 4);
  });

  it('rejects the seal of the chain’s end as the seal of its beginning', async () => {
    const seals = createSeals(createSecrets([SECRET_KEY]));
    const last = seals.end('last', { sequence: 7, mac: new Uint8Array(32) });
    assert.deepEqual([seals.checkEnd('last', last), seals.checkEnd('first', last)], ['genuine', 'forged']);
  });
});
