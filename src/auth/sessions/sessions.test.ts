import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { accountId } from '../../../tests/kit/ids.ts';
import { reachInside, SECRET_KEY, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ROTATE, sessionRequest, visit } from '../../../tests/kit/visitor.ts';
import { createSecrets } from '../../platform/crypto/secrets.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/runtime/clock.ts';
import { idToBytes } from '../../platform/text/uuid.ts';
import type { AccountId } from '../identifiers/ids.ts';
import { createSessionTokens } from './session-token.ts';
import type { SessionRequest } from './sessions.ts';
import { reissueToken } from './store.ts';

const coreOf = (system: TestSystem) =>
  reachInside(system, 'no page calls a single function of sessions').core;

/** An account, by its id. */
async function accountIn(system: TestSystem, name: string): Promise<AccountId> {
  const account = { username: { username: name, key: name.toLowerCase() }, email: null };
  const creation = await coreOf(system).accounts.create(account, system.clock.read(), async () => {});
  assert.ok(creation.ok);
  return creation.accountId;
}

async function beginIn(system: TestSystem, accountId: AccountId, own: Partial<SessionRequest> = {}) {
  const begun = await coreOf(system).sessions.begin(sessionRequest(accountId, own), system.clock.read());
  assert.ok(begun !== null);
  return begun;
}

/** Who is signed in with a token, by a request whose answer can carry no other. */
async function checkIn(system: TestSystem, token: string) {
  const checked = await coreOf(system).sessions.check(
    token,
    visit(system.clock.read(), { canRotate: false }),
  );
  return checked !== null && 'signedIn' in checked ? checked.signedIn : null;
}

async function rowsOf(system: TestSystem) {
  return coreOf(system).database.queries.selectFrom('sessions').selectAll().execute();
}

onEveryDatabase('a successor that was never shown', (engine) => {
  it('is issued again only as long as it is not used, whatever was known when it was asked for', async () => {
    await using system = await startSystem({}, engine);
    const { token } = await beginIn(system, await accountIn(system, 'Ada'));
    const { queries } = coreOf(system).database;
    system.clock.advance(ROTATE);
    const checked = await coreOf(system).sessions.check(token, visit(system.clock.read()));
    assert.ok(checked !== null && 'signedIn' in checked && checked.successor !== null);
    const [row] = await rowsOf(system);
    assert.ok(row !== undefined);
    const reissue = (now: number) =>
      reissueToken(queries, {
        id: row.id,
        successor: row.token_hash,
        now,
        until: now + 30 * SECOND,
        address: null,
      });
    const issuedAt = async () => (await rowsOf(system))[0]?.token_issued_at;
    system.clock.advance(MINUTE);
    const again = system.clock.read();
    await reissue(again);
    assert.equal(await issuedAt(), again);
    system.clock.advance(MINUTE);
    await checkIn(system, checked.successor);
    await reissue(system.clock.read());
    assert.equal(await issuedAt(), again);
  });
});

onEveryDatabase('a session', (engine) => {
  it('shows its user, its sign-in method, and when it began and expires', async () => {
    await using system = await startSystem({ sessionIdle: '1h', sessionLifetime: '7d' }, engine);
    const ada = await accountIn(system, 'Ada');
    const { token, sessionId } = await beginIn(system, ada);
    const now = system.clock.read();
    system.clock.advance(10 * SECOND);
    assert.deepEqual(await checkIn(system, token), {
      user: { id: ada, username: 'Ada', email: null, emailVerified: false, createdAt: now },
      session: {
        id: sessionId,
        method: 'password',
        isFactorRemembered: false,
        isRemembered: false,
        createdAt: now,
        lastSeenAt: now,
        proof: { by: 'password', at: now },
        secondFactor: null,
        expiresAt: now + 7 * DAY,
        roles: [],
      },
    });
  });

  it('stores only the keyed hash of its token', async () => {
    await using system = await startSystem({}, engine);
    const accountId = await accountIn(system, 'Ada');
    const { token } = await beginIn(system, accountId);
    const [row] = await rowsOf(system);
    assert.ok(row !== undefined);
    assert.deepEqual(Buffer.from(row.account_id), Buffer.from(idToBytes(accountId)));
    const kept = createSessionTokens(createSecrets([SECRET_KEY])).hash(token, row);
    assert.deepEqual(Buffer.from(row.token_hash), kept);
    assert.equal(kept.length, 32);
    assert.ok(!JSON.stringify(row).includes(token));
  });

  it('updates its last use at most once a minute', async () => {
    await using system = await startSystem({}, engine);
    const { token } = await beginIn(system, await accountIn(system, 'Ada'));
    const start = system.clock.read();
    const seen: number[] = [];
    for (let seconds = 0; seconds < 180; seconds += 20) {
      await checkIn(system, token);
      const [row] = await rowsOf(system);
      seen.push((Number(row?.last_seen_at) - start) / SECOND);
      system.clock.advance(20 * SECOND);
    }
    assert.deepEqual(seen, [0, 0, 0, 60, 60, 60, 120, 120, 120]);
  });

  it('A12: does not begin for a disabled or missing account', async () => {
    await using system = await startSystem({}, engine);
    const { lifecycle, sessions } = coreOf(system);
    const ada = await accountIn(system, 'Ada');
    await lifecycle.disable(ada, { now: system.clock.read() });
    assert.equal(await sessions.begin(sessionRequest(ada), system.clock.read()), null);
    const unknownId = accountId('00000000-0000-7000-8000-000000000000');
    assert.equal(await sessions.begin(sessionRequest(unknownId), system.clock.read()), null);
    assert.deepEqual(await rowsOf(system), []);
  });

  it('A09: ends the session that it replaces, and no other', async () => {
    await using system = await startSystem({}, engine);
    const ada = await accountIn(system, 'Ada');
    const [old, elsewhere] = [await beginIn(system, ada), await beginIn(system, ada)];
    const fresh = await beginIn(system, ada, { replaced: await checkIn(system, old.token) });
    assert.equal(await checkIn(system, old.token), null);
    for (const { token } of [elsewhere, fresh]) assert.ok((await checkIn(system, token)) !== null);
    assert.equal((await rowsOf(system)).length, 2);
  });

  it('ends once, and only for its own account', async () => {
    await using system = await startSystem({}, engine);
    const [ada, ben] = [await accountIn(system, 'Ada'), await accountIn(system, 'Ben')];
    const [one, other] = [await beginIn(system, ada), await beginIn(system, ada)];
    const { end } = coreOf(system).sessions;
    assert.equal(await end(ben, one.sessionId), false, 'of somebody else');
    assert.equal(await end(ada, one.sessionId), true);
    assert.equal(await end(ada, one.sessionId), false);
    assert.equal(await checkIn(system, one.token), null);
    assert.ok((await checkIn(system, other.token)) !== null);
  });

  it('A10: ends once when twenty requests end it at once', async () => {
    await using system = await startSystem({}, engine);
    const ada = await accountIn(system, 'Ada');
    const { sessionId } = await beginIn(system, ada);
    const { end } = coreOf(system).sessions;
    const ends = await Promise.all(Array.from({ length: 20 }, () => end(ada, sessionId)));
    assert.equal(ends.filter(Boolean).length, 1);
  });

  it('A59: expires at its limits to the millisecond', async () => {
    await using system = await startSystem({ sessionIdle: '1h', sessionLifetime: '2h' }, engine);
    const ada = await accountIn(system, 'Ada');
    const [idle, { token }] = [await beginIn(system, ada), await beginIn(system, ada)];
    system.clock.advance(HOUR - 1);
    assert.ok((await checkIn(system, token)) !== null);
    system.clock.advance(1);
    assert.equal(await checkIn(system, idle.token), null);
    system.clock.advance(59 * MINUTE);
    assert.ok((await checkIn(system, token)) !== null);
    system.clock.advance(MINUTE - 1);
    assert.ok((await checkIn(system, token)) !== null);
    system.clock.advance(1);
    assert.equal(await checkIn(system, token), null, 'two hours after it began');
  });

  it('A59 I26 that was seen expired stays expired when the clock steps back', async () => {
    await using system = await startSystem({ sessionIdle: '1h', sessionLifetime: '2h' }, engine);
    const { token } = await beginIn(system, await accountIn(system, 'Ada'));
    system.clock.advance(HOUR);
    assert.equal(await checkIn(system, token), null);
    system.clock.advance(-MINUTE);
    assert.equal(await checkIn(system, token), null);
    assert.deepEqual(await rowsOf(system), []);
  });
});
