import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  addressOf,
  askForAddress,
  CONFIRM,
  changeTo,
  confirmPath,
  mailsOf,
  NEW_ADDRESS,
  OPTIONAL,
  PAGE,
  startWithAda,
  startWithAdaAndBen,
} from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';
import { ADA, BEN, newAddress, signInAs } from '../kit/visitor.ts';

onEveryDatabase('a change of address', (engine) => {
  it('A16: confirms only the address of its own link when two are requested at once', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ben } = started;
    const csrf = await ben.token(PAGE);
    await Promise.all([ADDRESS, NEW_ADDRESS].map((email) => ben.post(PAGE, { csrf, email })));
    await assert.rejects(confirmPath(system, ADDRESS), /no address-change-confirm/, 'its owner got no link');
    await ben.get(await confirmPath(system));
    // Whichever was asked for last stands; the link of the other does not work.
    const isLast = (await ben.get(CONFIRM)).status === 200;
    if (isLast) assert.equal((await ben.submit(CONFIRM, {})).location, '/account');
    assert.equal((await addressOf(system, BEN.username)).email, isLast ? NEW_ADDRESS : null);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
  });

  it('A15: succeeds once when sixteen requests confirm it at once', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitorFrom(newAddress()));
    await askForAddress(system, ada, NEW_ADDRESS);
    await ada.get(await confirmPath(system));
    const csrf = await ada.token(CONFIRM);
    const answers = await Promise.all(Array.from({ length: 16 }, () => ada.post(CONFIRM, { csrf })));
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1);
    assert.equal((await mailsOf(system, 'address-changed')).length, 1);
  });

  it('A16: gives an address to one user when two confirm it at once', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ada, ben } = started;
    const forms = [];
    for (const visitor of [ada, ben]) {
      await askForAddress(system, visitor, NEW_ADDRESS);
      await visitor.get(await confirmPath(system));
      forms.push({ visitor, csrf: await visitor.token(CONFIRM) });
    }
    const answers = await Promise.all(forms.map(({ visitor, csrf }) => visitor.post(CONFIRM, { csrf })));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((one, other) => one - other),
      [303, 410],
    );
    const owners = [await addressOf(system), await addressOf(system, BEN.username)];
    assert.equal(owners.filter(({ email }) => email === NEW_ADDRESS).length, 1);
  });

  it('A18: takes the address from an account that never confirmed it', async () => {
    await using system = await startSystem(OPTIONAL, engine);
    await system.visitor().register(ADA.username, ADA.password, ADDRESS);
    await system.visitor().register(BEN.username, BEN.password);
    await changeTo(system, await signInAs(system.visitorFrom(newAddress()), BEN), ADDRESS);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
    assert.deepEqual(await addressOf(system), { email: null, isConfirmed: false });
  });

  it('A37: leaves the account that loses its unconfirmed address waiting until it is deleted', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    const stranger = system.visitor();
    await stranger.register(ADA.username, ADA.password, ADDRESS);
    await system.visitor().register(BEN.username, BEN.password, 'ben@example.org');
    const { accounts, database } = system.system.core;
    await database.queries
      .updateTable('accounts')
      .set({ email_verified_at: system.clock.read(), delete_at: null })
      .where('username', '=', BEN.username)
      .execute();
    await changeTo(system, await signInAs(system.visitorFrom(newAddress()), BEN), ADDRESS);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
    assert.equal((await stranger.signIn(ADA.username, ADA.password)).location, '/login/confirm-address');
    assert.equal((await stranger.get('/api/session')).status, 401);
    const id = String(await accounts.find(ADA.username));
    const account = await accounts.read(id);
    assert.ok(account !== null && account.deleteAt !== null);
    assert.equal(account.emailVerifiedAt, null);
    assert.equal(await accounts.find(ADDRESS), await accounts.find(BEN.username));
    assert.equal(await system.system.core.lifecycle.deleteIfDue(id, account.deleteAt), true);
  });
});
