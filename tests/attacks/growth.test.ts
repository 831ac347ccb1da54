import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { readTables } from '../../src/operations/copy/tables.ts';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { WITH_TOKENS } from '../kit/api-tokens.ts';
import { acme, startTwinProvider } from '../kit/federation.ts';
import {
  deleteExpired,
  reachInside,
  settleAudit,
  settleRequests,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { ADA, type Visitor, WRONG_PASSWORD } from '../kit/visitor.ts';

const ADDRESS = '198.51.100.7';
/** Counters that remain, so that a free name costs a write as well. */
const DECOYS = 64;

/** The number of rows of each table. */
async function sizes(system: TestSystem): Promise<Readonly<Record<string, number>>> {
  const { queries } = reachInside(system, 'no page counts rows').core.database;
  const counted = (await readTables()).map(async ({ name }) => {
    const counting = sql<{ count: number | string }>`select count(*) as count from ${sql.table(name)}`;
    const [row] = (await counting.execute(queries)).rows;
    return [name, Number(row?.count)] as const;
  });
  return Object.fromEntries(await Promise.all(counted));
}

/** The requests that a client without an account repeats every hour. */
async function sendForAnHour(visitor: Visitor, hour: number): Promise<void> {
  for (let number = 0; number < 40; number += 1) await visitor.post('/login', {});
  const csrf = await visitor.token('/login');
  for (let number = 0; number < 4; number += 1) {
    const username = number % 2 === 0 ? ADA.username : `nobody ${hour} ${number}`;
    await visitor.post('/login', { csrf, username, password: WRONG_PASSWORD });
    await visitor.post('/forgot-password', { csrf, username });
    await visitor.post('/login/link', { csrf, username });
    await visitor.post('/oauth/acme', { csrf });
    await visitor.post('/device/code', { client_id: 'notes-cli', scope: 'notes:read' });
  }
}

describe('a day of requests by a client without an account', () => {
  it('A64 I15 leaves no more rows than the limits allow, and only audit records once the limits have expired', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(
      acme(provider, { email: 'required', magicLink: 'on', ...WITH_TOKENS }),
    );
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    await settleAudit(system);
    const before = await sizes(system);
    const visitor = system.visitorFrom(ADDRESS);
    for (let hour = 0; hour < 24; hour += 1) {
      await sendForAnHour(visitor, hour);
      await settleRequests(system);
      system.clock.advance(HOUR);
      await deleteExpired(system);
    }
    await settleAudit(system);
    const after = await sizes(system);
    const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    // 500 of the client, up to twelve an hour about the one account, and the counts of the other policies.
    assert.ok(grown('audit_events') <= 500 + 24 * 12, `${grown('audit_events')} records`);
    for (const name of [
      'accounts',
      'passwords',
      'sessions',
      'pending_sign_ins',
      'external_identities',
      'device_grants',
    ])
      assert.ok(grown(name) <= 0, `${name}: ${grown(name)}`);
    system.clock.advance(24 * HOUR);
    await deleteExpired(system);
    const { counters = 0, ...rest } = await sizes(system);
    assert.ok(counters <= DECOYS, `${counters} counters`);
    const left = Object.keys(rest).filter((name) => rest[name] !== 0);
    assert.deepEqual(left.sort(), ['audit_ends', 'audit_events', 'leases', 'migrations']);
  });
});
