import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  addressOf,
  CONFIRM,
  changeAddress,
  confirmPath,
  mailsOf,
  NEW_ADDRESS,
  newestConfirmation,
  OPTIONAL,
  openAndConfirm,
  PAGE,
  requestAddressChange,
  startWithAda,
  startWithAdaAndBen,
} from '../kit/mailed-links.ts';
import { accountIdOf, existingAccountId, reachInside, startSystem } from '../kit/system.ts';
import { ADA, BEN, newAddress, signInAs } from '../kit/visitor.ts';

onEveryDatabase('a change of email address', (engine) => {
  it('A16: confirms only the address that its link was mailed to when two addresses are requested at once', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ben } = started;
    const csrf = await ben.token(PAGE);
    await Promise.all([ADDRESS, NEW_ADDRESS].map((email) => ben.post(PAGE, { csrf, email })));
    await assert.rejects(confirmPath(system, ADDRESS), /no address-change-confirm/, 'its owner got no link');
    await ben.get(await confirmPath(system));
    // Only the newest request is valid; the link of the other does not work.
    const isLast = (await ben.get(CONFIRM)).status === 200;
    if (isLast) assert.equal((await ben.submit(CONFIRM, {})).location, '/account');
    assert.equal((await addressOf(system, BEN.username)).email, isLast ? NEW_ADDRESS : null);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
  });

  it('A15: succeeds once when sixteen requests confirm it at once', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitorFrom(newAddress()));
    await requestAddressChange(system, ada, NEW_ADDRESS);
    await ada.get(await confirmPath(system));
    const forms = await Promise.all(Array.from({ length: 16 }, () => ada.token(CONFIRM)));
    const answers = await Promise.all(forms.map((csrf) => ada.post(CONFIRM, { csrf })));
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1);
    assert.equal((await mailsOf(system, 'address-changed')).length, 1);
  });

  it('A16: gives an address to only one user when two users confirm it at once', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ada, ben } = started;
    const forms = [];
    for (const visitor of [ada, ben]) {
      await requestAddressChange(system, visitor, NEW_ADDRESS);
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
    await changeAddress(system, await signInAs(system.visitorFrom(newAddress()), BEN), ADDRESS);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
    assert.deepEqual(await addressOf(system), { email: null, isConfirmed: false });
  });

  it('A37: leaves the account that loses its unconfirmed address waiting for confirmation until it is deleted', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    const attacker = system.visitor();
    await attacker.register(ADA.username, ADA.password, ADDRESS);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password, 'ben@example.org');
    await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
    await changeAddress(system, await signInAs(system.visitorFrom(newAddress()), BEN), ADDRESS);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
    assert.equal((await attacker.signIn(ADA.username, ADA.password)).location, '/login/confirm-address');
    assert.equal((await attacker.get('/api/session')).status, 401);
    const id = await existingAccountId(system, ADA.username);
    const { accounts, lifecycle } = reachInside(
      system,
      'no page shows when an unconfirmed account is due',
    ).core;
    const account = await accounts.read(id);
    assert.ok(account !== null && account.deleteAt !== null);
    assert.equal(account.emailVerifiedAt, null);
    assert.equal(await accountIdOf(system, ADDRESS), await accountIdOf(system, BEN.username));
    assert.equal(await lifecycle.deleteIfDue(id, account.deleteAt), true);
  });
});
