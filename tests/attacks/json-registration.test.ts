import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import { flowOf } from '../../src/platform/web/index.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  BY_INVITATION,
  createInvitation,
  newestConfirmation,
  openAndConfirm,
  openInvitation,
  REQUIRED,
  registerAda,
} from '../kit/mailed-links.ts';
import { startSystem, type TestSystem, usernamesIn } from '../kit/system.ts';
import { ADA, BEN, comparableResponse, newAddress, reasonsOf, type Visitor } from '../kit/visitor.ts';

const REGISTER = '/api/register';

/** The status of a registration as JSON, and the reasons for which it was refused. */
async function outcomeOf(visitor: Visitor, fields: object): Promise<readonly [number, readonly string[]]> {
  const answer = await visitor.postJson(REGISTER, fields);
  return [answer.status, reasonsOf(answer)];
}

/** The value of the field with the moment at which the form was drawn. */
async function stampFor(visitor: Visitor): Promise<string> {
  return /name="opened" value="([^"]+)"/.exec((await visitor.get('/register')).body)?.[1] ?? '';
}

function newVisitor(system: TestSystem): Visitor {
  return system.visitorFrom(newAddress());
}

async function countMails({ system }: TestSystem): Promise<number> {
  return (await system.core.mail.mailbox?.list())?.length ?? 0;
}

onEveryDatabase('registration over JSON', (engine) => {
  it('creates an account like the form, with the same event, and signs no user in', async () => {
    await using system = await startSystem({}, engine);
    const ada = newVisitor(system);
    const answer = await ada.postJson(REGISTER, { ...ADA, email: ADDRESS, next: '/account' });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(JSON.parse(answer.body), {
      next: '/login?next=%2Faccount',
      messages: [{ kind: 'success', text: 'Registration successful! You can sign in now.' }],
    });
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal(system.events.at(-1)?.type, 'registered');
    assert.equal((await ada.signIn(ADDRESS, ADA.password)).location, '/dashboard');
  });

  it('A32: names each invalid field, spends no hash, and repeats no password', async () => {
    await using system = await startSystem({}, engine);
    const fields = { username: 'a@b', email: 'not an address', password: 'too short' };
    const answer = await newVisitor(system).postJson(REGISTER, fields);
    assert.equal(answer.status, 422);
    const { problems } = JSON.parse(answer.body);
    assert.deepEqual(
      problems.map(({ reason, field }: { reason: string; field: string }) => [reason, field]),
      [
        ['username-at-sign', 'username'],
        ['email-not-an-address', 'email'],
        ['password-too-short', 'password'],
      ],
    );
    assert.doesNotMatch(answer.body, /too short"/);
    assert.deepEqual([await usernamesIn(system), system.hasher.counts.hashes], [[], 0]);
  });

  it('A17: ignores additional fields', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = newVisitor(system);
    const more = { emailVerified: true, email_verified_at: '1', id: '1', roles: 'admin' };
    assert.equal((await ada.postJson(REGISTER, { ...ADA, email: ADDRESS, ...more })).status, 200);
    const signIn = await ada.postJson('/api/login', { ...ADA });
    assert.equal(JSON.parse(signIn.body).step, 'confirm-address');
  });

  it('A27: leads to no other site', async () => {
    await using system = await startSystem({}, engine);
    for (const [username, next] of [
      ['Ada', 'https://attacker.example/'],
      ['Ben', '//attacker.example'],
    ] as const) {
      const answer = await newVisitor(system).postJson(REGISTER, { ...ADA, username, next });
      assert.equal(JSON.parse(answer.body).next, '/login');
    }
  });

  it('A54: gives a username to exactly one of sixteen simultaneous requests in both presentations', async () => {
    await using system = await startSystem({}, engine);
    const visitors = Array.from({ length: 16 }, () => newVisitor(system));
    const tokens = await Promise.all(visitors.map((visitor) => visitor.token('/register')));
    const answers = await Promise.all(
      visitors.map((visitor, number) =>
        number % 2 === 0
          ? visitor.postJson(REGISTER, { ...ADA })
          : visitor.post('/register', { csrf: String(tokens[number]), ...ADA }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200 || status === 303).length, 1);
    assert.equal(statuses.filter((status) => status === 422).length, 15);
    assert.deepEqual(await usernamesIn(system), [ADA.username]);
  });

  it('A03 A67: gives the same answers for an address that is taken as for a new one', async () => {
    const seen: unknown[] = [];
    for (const email of [ADDRESS, 'new@example.org']) {
      await using system = await startSystem(REQUIRED, engine);
      const owner = await registerAda(system);
      await openAndConfirm(owner, (await newestConfirmation(system)).path);
      const visitor = system.visitor();
      const before = [system.hasher.counts.hashes, await countMails(system)] as const;
      const answers = [
        await visitor.postJson(REGISTER, { ...BEN, email }),
        await visitor.postJson(REGISTER, { ...BEN, email: 'other@example.net' }),
        await visitor.postJson('/api/login', { ...BEN }),
      ].map((answer) => comparableResponse(answer).replaceAll(/flow\\":\\"[\w-]{16}/g, 'FLOW'));
      const [hashes, mails] = [
        system.hasher.counts.hashes - before[0],
        (await countMails(system)) - before[1],
      ];
      seen.push({ answers, hashes, mails });
    }
    assert.deepEqual(seen[0], seen[1]);
    assert.match(JSON.stringify(seen[0]), /confirm-address.*"hashes":2,"mails":1/);
  });

  it('A05: shares its limits with the form', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const visitor = newVisitor(system);
    const csrf = await visitor.token('/register');
    for (let attempt = 0; attempt < 15; attempt += 1) {
      assert.deepEqual(await outcomeOf(visitor, ADA), [422, ['username-taken']]);
      const { status } = await visitor.post('/register', { csrf, ...ADA });
      assert.equal(status, 422);
    }
    const hashes = system.hasher.counts.hashes;
    assert.deepEqual(await outcomeOf(visitor, ADA), [429, ['too-many']]);
    assert.equal((await visitor.post('/register', { csrf, ...ADA })).status, 429);
    assert.equal(system.hasher.counts.hashes, hashes);
  });

  it('P52: waits for the minimum time without a valid stamp, and refuses a filled trap and an old stamp', async () => {
    await using system = await startSystem({ registrationMinTime: '2s' }, engine);
    const visitor = newVisitor(system);
    const opened = await stampFor(visitor);
    system.clock.advance(SECOND);
    assert.deepEqual(await outcomeOf(visitor, { ...ADA, comment: 'x' }), [422, ['trap-filled']]);
    assert.deepEqual(system.pauses, []);
    assert.deepEqual(await outcomeOf(visitor, { ...ADA, opened }), [200, []]);
    assert.deepEqual(system.pauses, [1_000]);
    for (const stamp of [{}, { opened: '' }, { opened: '0.AAAA' }])
      assert.deepEqual(await outcomeOf(visitor, { ...ADA, ...stamp }), [422, ['username-taken']]);
    assert.deepEqual(system.pauses.slice(1), [2_000, 2_000, 2_000]);
    system.clock.advance(DAY);
    assert.deepEqual(await outcomeOf(visitor, { ...BEN, opened }), [422, ['form-too-old']]);
    assert.deepEqual(await usernamesIn(system), [ADA.username]);
  });

  it('A54: is refused while registration is closed, even with an invitation', async () => {
    await using system = await startSystem({ registration: 'closed' }, engine);
    const token = await createInvitation(system);
    for (const sent of [{}, { token }])
      assert.deepEqual(await outcomeOf(newVisitor(system), { ...ADA, ...sent }), [403, ['closed']]);
    assert.deepEqual([await usernamesIn(system), system.hasher.counts.hashes], [[], 0]);
  });

  it('A13 A15 A54: creates one account for each invitation, under the terms of the invitation', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const token = await createInvitation(system, { email: ADDRESS });
    const client = newVisitor(system);
    assert.deepEqual(await outcomeOf(client, ADA), [403, ['not-invited']]);
    assert.deepEqual(await outcomeOf(client, { ...ADA, token: 'invented' }), [403, ['invitation-gone']]);
    assert.equal(system.hasher.counts.hashes, 0);
    const other = { ...ADA, email: 'other@example.org', token };
    assert.deepEqual(await outcomeOf(client, other), [422, ['email-not-invited']]);
    const reserved = { ...ADA, username: 'admin', email: ADDRESS, token };
    assert.deepEqual(await outcomeOf(client, reserved), [422, ['username-reserved']]);
    const names = Array.from({ length: 8 }, (_, number) => `Ada ${number}`);
    const answers = await Promise.all(
      names.map((username) => outcomeOf(newVisitor(system), { ...ADA, username, email: ADDRESS, token })),
    );
    assert.equal(answers.filter(([status]) => status === 200).length, 1);
    assert.equal((await usernamesIn(system)).length, 1);
    const late = { ...ADA, username: 'late', email: ADDRESS, token };
    assert.deepEqual(await outcomeOf(client, late), [403, ['invitation-gone']]);
  });

  it('A61: uses an opened invitation only if the request names its flow', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const token = await createInvitation(system);
    const ada = await openInvitation(system, token);
    assert.deepEqual(await outcomeOf(ada, ADA), [403, ['not-invited']]);
    const flow = flowOf(token);
    assert.deepEqual(await outcomeOf(system.visitor(), { ...ADA, flow }), [403, ['not-invited']]);
    assert.deepEqual(await outcomeOf(ada, { ...ADA, flow }), [200, []]);
  });
});
