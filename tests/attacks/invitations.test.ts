import assert from 'node:assert/strict';
import { it } from 'node:test';
import { tokens } from '../../src/features/registration/index.ts';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { flowOf } from '../../src/platform/web/index.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { BY_INVITATION, createInvitation, openInvitation } from '../kit/mailed-links.ts';
import { reachInside, startSystem, usernamesIn } from '../kit/system.ts';
import { plainTokens } from '../kit/tokens.ts';
import { ADA, type Answer, BEN, newestFlow, pathTo, tokenIn } from '../kit/visitor.ts';

/** The comparable content of a response. */
function comparable({ status, headers, body }: Answer): string {
  return JSON.stringify([status, [...headers].filter(([name]) => name !== 'set-cookie'), body]);
}

onEveryDatabase('registration by invitation', (engine) => {
  it('A54: refuses a visitor without an invitation, explains why, and spends no hash', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const visitor = system.visitor();
    const page = await visitor.get('/register');
    assert.equal(page.status, 403);
    assert.match(page.body, /Registration is by invitation/);
    assert.doesNotMatch((await visitor.get('/login')).body, /\/register/);
    const csrf = await visitor.token('/login');
    const answer = await visitor.post('/register', { csrf, ...ADA });
    assert.equal(answer.status, 403);
    assert.match(answer.body, /Registration is by invitation/);
    assert.deepEqual([await usernamesIn(system), system.hasher.counts.hashes], [[], 0]);
  });

  it('A14: creates one account for each invitation, and opening the link does not spend it', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const token = await createInvitation(system);
    const scanner = system.visitor();
    for (let times = 0; times < 3; times += 1) {
      await scanner.get(`/register?token=${token}`);
      assert.equal((await scanner.get('/register')).status, 200);
    }
    const csrf = await scanner.token('/register');
    const ada = await openInvitation(system, token);
    const answer = await ada.register(ADA.username, ADA.password);
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.equal(newestFlow(ada, 'link'), undefined, 'the browser forgets it');
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
    const second = await scanner.post('/register', { csrf, ...BEN });
    assert.equal(second.status, 403);
    assert.match(second.body, /This invitation does not work/);
    assert.deepEqual(await usernamesIn(system), ['Ada']);
    const { oneTimeTokens } = reachInside(system, 'no page shows the id of an invitation').core;
    const id = oneTimeTokens.idOf(token);
    assert.ok(system.events.some((event) => event.type === 'invitation-spent' && event.invitationId === id));
  });

  it('A13: gives the same answer to every invitation that does not work', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const reason = 'invitations are revoked on the command line, and a reset needs an address';
    const { oneTimeTokens, database } = reachInside(system, reason).core;
    const [spent, over, revoked] = [
      await createInvitation(system),
      await createInvitation(system),
      await createInvitation(system),
    ];
    await (await openInvitation(system, spent)).register(ADA.username, ADA.password);
    await oneTimeTokens.revoke(tokens.invitation, oneTimeTokens.idOf(revoked));
    system.clock.advance(7 * DAY);
    const reset = plainTokens('password-reset', DAY);
    const about = { purpose: reset, accountId: null, data: '' };
    const other = await oneTimeTokens.issue(database.queries, about, system.clock.read());
    const seen = new Set<string>();
    for (const token of [spent, over, revoked, other, newToken(), `${newToken()}x`, '', 'null']) {
      const visitor = await openInvitation(system, token);
      seen.add(comparable(await visitor.get('/register')));
      const again = system.visitor();
      const { location } = await again.get(`/register?${new URLSearchParams({ token })}`);
      seen.add(comparable(await again.get(String(location))));
    }
    assert.equal(seen.size, 1, [...seen].join('\n'));
    assert.match([...seen].join(), /^\[403,.*This invitation does not work/);
    assert.deepEqual(await usernamesIn(system), ['Ada']);
  });

  it('A54: accepts only the email address that the invitation is for', async () => {
    await using system = await startSystem({ ...BY_INVITATION, blockedEmailDomains: 'example.org' }, engine);
    const token = await createInvitation(system, { email: 'Ada.L@example.org' });
    const ada = await openInvitation(system, token);
    assert.doesNotMatch(
      (await ada.get('/register')).body,
      /Ada\.L@/i,
      'whoever finds the link has to know it',
    );
    for (const email of ['', 'ben@example.org', 'ada.l@example.com', 'adal@example.org']) {
      const answer = await ada.register(ADA.username, ADA.password, email);
      assert.equal(answer.status, 422, email);
      assert.match(answer.body, /id="email-problem">This invitation is for another address/);
    }
    assert.equal((await ada.register(ADA.username, ADA.password, ' ada.l@EXAMPLE.org ')).status, 303);
  });

  it('requires the address of the invitation even when EMAIL is off', async () => {
    await using system = await startSystem({ ...BY_INVITATION, email: 'off' }, engine);
    const ada = await openInvitation(system, await createInvitation(system, { email: 'ada@example.org' }));
    assert.equal((await ada.register(ADA.username, ADA.password)).status, 422);
    assert.equal((await ada.register(ADA.username, ADA.password, 'ada@example.org')).status, 303);
  });

  it('A54: allows a reserved username only when the invitation allows it', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const plain = await openInvitation(system, await createInvitation(system));
    assert.equal((await plain.register('Admin', ADA.password)).status, 422);
    const special = await openInvitation(system, await createInvitation(system, { allowsReserved: true }));
    assert.equal((await special.register('Admin', ADA.password)).status, 303);
  });

  it('A43: keeps the token out of the URL, the page, the log and the database', async () => {
    await using system = await startSystem({ ...BY_INVITATION, logLevel: 'debug' }, engine);
    const token = await createInvitation(system);
    const ada = system.visitor();
    const opened = await ada.get(`/register?token=${token}&next=%2Fx`);
    assert.deepEqual([opened.status, pathTo(opened), opened.body], [303, '/register', '']);
    const page = await ada.get('/register');
    await ada.register(ADA.username, ADA.password);
    const { queries } = reachInside(system, 'no page shows what is stored of an invitation').core.database;
    const rows = await queries.selectFrom('one_time_tokens').selectAll().execute();
    assert.doesNotMatch(page.body + system.logLines.join('') + JSON.stringify(rows), new RegExp(token));
  });
});

onEveryDatabase('an invitation', (engine) => {
  it('A54: does not allow a registration while registration is closed', async () => {
    await using system = await startSystem({ registration: 'closed' }, engine);
    const ada = await openInvitation(system, await createInvitation(system, { allowsReserved: true }));
    const page = await ada.get('/register');
    assert.equal(page.status, 403);
    assert.match(page.body, /Registration is closed/);
    const csrf = await ada.token('/login');
    assert.equal((await ada.post('/register', { csrf, ...ADA })).status, 403);
    assert.deepEqual([await usernamesIn(system), system.hasher.counts.hashes], [[], 0]);
  });

  it('is spent when registration is open as well, and a spent one does not prevent an open registration', async () => {
    await using system = await startSystem({}, engine);
    const token = await createInvitation(system, { allowsReserved: true });
    const ada = await openInvitation(system, token);
    const page = `/register?flow=${flowOf(token)}`;
    assert.equal((await ada.submit(page, { ...ADA, username: 'Support' })).status, 303);
    const ben = await openInvitation(system, token);
    assert.equal((await ben.submit(page, { ...BEN, username: 'Postmaster' })).status, 422);
    assert.equal((await ben.submit(page, BEN)).status, 303);
  });

  it('I11 A61 does not block an open registration when it was planted in a browser, and can be discarded', async () => {
    await using system = await startSystem({}, engine);
    const token = await createInvitation(system, { email: 'other@example.net' });
    const ada = await openInvitation(system, token);
    const planted = await ada.get(`/register?flow=${flowOf(token)}`);
    assert.match(planted.body, /<a href="\/register">Continue without the invitation<\/a>/);
    const csrf = tokenIn(planted.body);
    const honest = { ...ADA, email: 'honest@example.org' };
    const refused = await ada.post('/register', { csrf, ...honest });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /This invitation is for another address.*Continue without the invitation/s);
    assert.equal((await ada.submit('/register', honest)).location, '/login');
    const { oneTimeTokens } = reachInside(system, 'no page lists invitations').core;
    const left = await oneTimeTokens.outstanding(tokens.invitation, system.clock.read());
    assert.equal(left.length, 1, 'it was not spent');
  });

  it('cannot be discarded where registration requires one', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const ada = await openInvitation(system, await createInvitation(system));
    assert.doesNotMatch((await ada.get('/register')).body, /without the invitation/);
  });
});
