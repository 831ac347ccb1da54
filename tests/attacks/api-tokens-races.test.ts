import assert from 'node:assert/strict';
import { it } from 'node:test';
import { changes } from '../../src/features/password-change/definitions.ts';
import {
  createTokenOn,
  isAdmitted,
  NEW_TOKEN,
  plantApiToken,
  READ,
  tokensOf,
  WITH_TOKENS,
} from '../kit/api-tokens.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  accountIdOf,
  existingAccountId,
  reachInside,
  settleRequests,
  startSystem,
  usersOf,
} from '../kit/system.ts';
import { ADA, changePassword, registerAndSignIn, signInAs } from '../kit/visitor.ts';

const BY = { by: 'a test' };
const WANTED = { name: 'cron', scopes: ['notes:read'], ...BY };

async function started(engine: Engine) {
  const system = await startSystem(WITH_TOKENS, engine);
  const ada = await registerAndSignIn(system.visitor());
  const id = String(await accountIdOf(system, ADA.username));
  return {
    system,
    ada,
    id,
    tokens: tokensOf(system),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}

onEveryDatabase('API tokens of an account', (engine) => {
  it('A15: are never more than fifty, also when the last ones are created at once', async () => {
    await using scene = await started(engine);
    const { tokens, id } = scene;
    for (let count = 0; count < 45; count += 1) assert.ok((await tokens.create(id, WANTED)).ok);
    const results = await Promise.all(Array.from({ length: 16 }, () => tokens.create(id, WANTED)));
    const refused = results.filter((result) => !result.ok);
    assert.equal(refused.length, 11);
    for (const result of refused) assert.deepEqual(result, { ok: false, reason: 'too-many-tokens' });
    assert.equal((await tokens.list(id)).length, 50);
    const page = await scene.ada.submit(NEW_TOKEN, READ);
    assert.equal(page.status, 409);
    assert.match(page.body, /You have 50 tokens already/);
  });

  it('A15: are each revoked once when eight requests race, and a use at that moment brings none back', async () => {
    await using scene = await started(engine);
    const { system, tokens, id } = scene;
    const created = await tokens.create(id, WANTED);
    assert.ok(created.ok);
    const { token } = created;
    const [revoked] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => tokens.revoke(created.id, BY))),
      Promise.all(Array.from({ length: 8 }, () => isAdmitted(system, token))),
    ]);
    await settleRequests(system);
    assert.equal(revoked.filter(({ ok }) => ok).length, 1);
    assert.ok(!(await isAdmitted(system, token)));
    assert.deepEqual(await tokens.list(id), []);
  });

  it('A11: do not outlive a new password that is set while one is being created', async () => {
    await using scene = await started(engine);
    const { system, ada, tokens, id } = scene;
    const other = await signInAs(system.visitor());
    const fields = { ...READ, csrf: await other.token(NEW_TOKEN) };
    const [, changed] = await Promise.all([other.post(NEW_TOKEN, fields), changePassword(ada)]);
    assert.equal(changed.location, '/account');
    assert.deepEqual(await tokens.list(id), [], 'the token ended, or its session did');
  });

  it('A10 A11: do not outlive the sessions that the application ends while one is being created', async () => {
    await using scene = await started(engine);
    const { system, ada, tokens, id } = scene;
    const fields = { ...READ, csrf: await ada.token(NEW_TOKEN) };
    await Promise.all([ada.post(NEW_TOKEN, fields), usersOf(system).signOut(id, BY)]);
    assert.deepEqual(await tokens.list(id), [], 'the token ended, or its session did');
  });

  // Elsewhere a session cannot begin while the account is locked.
  if (engine.name === 'PostgreSQL')
    it('A11: do not outlive a new password that the session in which they were created did not see', async () => {
      await using scene = await started(engine);
      const { system, tokens, id } = scene;
      const { core, contextOf } = reachInside(system, 'the change is held open');
      const context = contextOf(new Request(system.origin), {});
      const change = { ...changes.passwordChanged, ownSession: 'ends' } as const;
      const accountId = await existingAccountId(system, ADA.username);
      const apply = async () => (await plantApiToken(system)).token !== '';
      const changed = await core.changeCredential(context, change, {
        accountId,
        apply,
        event: { accountId, sessionId: null },
      });
      assert.ok(changed.ok);
      assert.deepEqual(await tokens.list(id), []);
    });

  it('A69 A56 are stored as a hash, with all that a token permits under a seal', async () => {
    await using scene = await started(engine);
    const { system, ada } = scene;
    const token = await createTokenOn(ada);
    const { queries } = reachInside(system, 'the attacker writes to the database').core.database;
    const [row] = await queries.selectFrom('api_tokens').selectAll().execute();
    assert.ok(row !== undefined && row.token_hash.byteLength === 32);
    assert.ok(!JSON.stringify(row).includes(token.slice(-20)));
    const changes = [
      { scopes: 'notes:read notes:write' },
      { expires_at: row.expires_at + 1 },
      { created_at: row.created_at + 1 },
      { name: 'other' },
    ];
    for (const change of changes) {
      await queries.updateTable('api_tokens').set(change).execute();
      assert.ok(!(await isAdmitted(system, token)), Object.keys(change).join());
      await queries
        .updateTable('api_tokens')
        .set({ ...row })
        .execute();
      assert.ok(await isAdmitted(system, token));
    }
  });
});
