import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ADA } from '../../../tests/kit/visitor.ts';
import type { MailOrder } from './outbox.ts';

function order({ clock }: TestSystem, changes: Partial<MailOrder> = {}): MailOrder {
  const now = clock.read();
  const message = {
    name: 'reset-password',
    username: ADA.username,
    page: '/reset-password?token=SECRET-TOKEN',
    expiresAt: now,
    occasion: { at: now, browser: null, place: null, address: null },
  } as const;
  return { to: 'ada@example.org', accountId: null, message, now, ...changes };
}

async function rows({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('mail_outbox').selectAll().execute();
}

onEveryDatabase('the outbox', (engine) => {
  it('keeps a mail together with the change that it tells of, or neither', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = system.system.core;
    const broken = database.transaction(async (transaction) => {
      await mail.queue(transaction, order(system));
      throw new Error('the change cannot be kept');
    });
    await assert.rejects(broken, /cannot be kept/);
    assert.deepEqual(await rows(system), []);
    await database.transaction((transaction) => mail.queue(transaction, order(system)));
    assert.equal((await rows(system)).length, 1);
  });

  it('A57: holds no link in a form that anybody could read', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = system.system.core;
    await mail.queue(database.queries, order(system));
    const [row] = await rows(system);
    const bytes = Buffer.from(row?.sealed ?? []);
    assert.ok(bytes.length > 1_000);
    for (const encoding of ['utf8', 'latin1'] as const) {
      assert.doesNotMatch(bytes.toString(encoding), /SECRET-TOKEN|reset-password/);
    }
    assert.doesNotMatch(JSON.stringify({ ...row, sealed: null }), /SECRET-TOKEN/);
  });

  it('A32: takes one stored address, and nothing that could be read as more', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = system.system.core;
    const tricks = [
      'a@x.org,b@y.org',
      'a@x.org b@y.org',
      'Ada <ada@example.org>',
      'ada@example.org\r\nBcc: eve@evil.org',
      'ada@example.org\0',
      ' ada@example.org',
      'ada@EXAMPLE.org',
      '"e@evil.org"@ok.org',
      '',
    ];
    for (const to of tricks) {
      await assert.rejects(mail.queue(database.queries, order(system, { to })), TypeError, to);
    }
    assert.deepEqual(await rows(system), []);
  });

  it('A28: makes links of this site alone', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = system.system.core;
    const { message } = order(system);
    for (const page of ['//evil.example/reset', '/\\evil.example', '/\t/evil.example'] as const) {
      const elsewhere = order(system, { message: { ...message, page } as typeof message });
      await assert.rejects(mail.queue(database.queries, elsewhere), TypeError, page);
    }
    assert.deepEqual(await rows(system), []);
  });

  it('loses the mail of an account with it, and keeps what belongs to none', async () => {
    await using system = await startSystem({}, engine);
    const { accounts, database, lifecycle, mail } = system.system.core;
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    const accountId = String(await accounts.find(ADA.username));
    await mail.queue(database.queries, order(system, { accountId }));
    await mail.queue(database.queries, order(system));
    await lifecycle.delete(accountId, { now: system.clock.read() });
    assert.deepEqual(
      (await rows(system)).map(({ account_id }) => account_id),
      [null],
    );
  });

  it('takes nothing where no mail can arrive', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' }, engine);
    const { database, mail } = system.system.core;
    assert.equal(mail.isPossible, false);
    await mail.queue(database.queries, order(system));
    assert.deepEqual(await rows(system), []);
  });
});
