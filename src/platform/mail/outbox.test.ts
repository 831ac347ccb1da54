import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { outboxOf } from '../../../tests/kit/mail.ts';
import { existingAccountId, reachInside, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ADA } from '../../../tests/kit/visitor.ts';
import { emails } from '../../features/password-reset/definitions.ts';
import type { PagePath } from './email.ts';
import { occasionWithoutDevice } from './email.ts';
import type { MailOrder } from './outbox.ts';

function order({ clock }: TestSystem, changes: Partial<MailOrder> = {}): MailOrder {
  const email = withLink('/reset-password?token=SECRET-TOKEN');
  const occasion = occasionWithoutDevice(clock.read());
  return { to: 'ada@example.org', ownerId: null, email, occasion, ...changes };
}

function withLink(page: PagePath) {
  return emails.resetPassword.with({ username: ADA.username, page, expires: 0 });
}

const coreOf = (system: TestSystem) => reachInside(system, 'no request queues exactly these mails').core;

onEveryDatabase('the outbox', (engine) => {
  it('stores a mail in the transaction that it reports, or not at all', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = coreOf(system);
    const broken = database.transaction(async (transaction) => {
      await mail.queue(transaction, order(system));
      throw new Error('the change cannot be kept');
    });
    await assert.rejects(broken, /cannot be kept/);
    assert.deepEqual(await outboxOf(system), []);
    await database.transaction((transaction) => mail.queue(transaction, order(system)));
    assert.equal((await outboxOf(system)).length, 1);
  });

  it('A57: stores no link in readable form', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = coreOf(system);
    await mail.queue(database.queries, order(system));
    const [row] = await outboxOf(system);
    const bytes = Buffer.from(row?.sealed ?? []);
    assert.ok(bytes.length > 1_000);
    for (const encoding of ['utf8', 'latin1'] as const) {
      assert.doesNotMatch(bytes.toString(encoding), /SECRET-TOKEN|reset-password/);
    }
    assert.doesNotMatch(JSON.stringify({ ...row, sealed: null }), /SECRET-TOKEN/);
  });

  it('A32: accepts exactly one stored address', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = coreOf(system);
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
    assert.deepEqual(await outboxOf(system), []);
  });

  it('A28: creates links to this site alone', async () => {
    await using system = await startSystem({}, engine);
    const { database, mail } = coreOf(system);
    for (const page of ['//evil.example/reset', '/\\evil.example', '/\t/evil.example'] as const) {
      const elsewhere = order(system, { email: withLink(page) });
      await assert.rejects(mail.queue(database.queries, elsewhere), TypeError, page);
    }
    assert.deepEqual(await outboxOf(system), []);
  });

  it('deletes the mail of a deleted account, and keeps mail without an account', async () => {
    await using system = await startSystem({}, engine);
    const { database, lifecycle, mail } = coreOf(system);
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    const accountId = await existingAccountId(system, ADA.username);
    await mail.queue(database.queries, order(system, { ownerId: accountId }));
    await mail.queue(database.queries, order(system));
    await lifecycle.delete(accountId, { now: system.clock.read() });
    assert.deepEqual(
      (await outboxOf(system)).map(({ account_id }) => account_id),
      [null],
    );
  });

  it('stores nothing where no mail can be delivered', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' }, engine);
    const { database, mail } = coreOf(system);
    assert.equal(mail.isPossible, false);
    await mail.queue(database.queries, order(system));
    assert.deepEqual(await outboxOf(system), []);
  });
});
