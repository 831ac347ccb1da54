import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
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
  openAndConfirmLink,
  openAndReset,
  PAGE,
  REQUIRED,
  registerAda,
  requestAddressChange,
  requestResetPath,
  startWithAda,
  startWithAdaAndBen,
} from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';
import { ADA, BEN, newAddress, pathTo, responseText, signInAs } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

onEveryDatabase('a change of email address', (engine) => {
  it('A16: requires fresh authentication first', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitorFrom(newAddress()));
    const csrf = await ada.token('/dashboard');
    system.clock.advance(10 * MINUTE);
    const [shown, sent] = [await ada.get(PAGE), await ada.post(PAGE, { csrf, email: NEW_ADDRESS })];
    for (const { status, location } of [shown, sent])
      assert.deepEqual([status, location], [303, '/account/confirm?next=%2Faccount%2Femail']);
    assert.deepEqual(await mailsOf(system, 'address-change-confirm'), []);
  });

  it('A11: is made by the link mailed to the new address, ends other sessions, and notifies both addresses', async () => {
    await using system = await startWithAda(engine);
    const [ada, elsewhere] = [
      await signInAs(system.visitorFrom(newAddress())),
      await signInAs(system.visitorFrom(newAddress())),
    ];
    const token = ada.cookies.get('latchkey');
    await requestAddressChange(system, ada, NEW_ADDRESS);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true }, 'nothing yet');
    const answer = await openAndConfirmLink(ada, await confirmPath(system), CONFIRM);
    assert.deepEqual([answer.status, answer.location], [303, '/account']);
    assert.deepEqual(await addressOf(system), { email: NEW_ADDRESS, isConfirmed: true });
    assert.equal((await elsewhere.get('/api/session')).status, 401);
    assert.equal(JSON.parse((await ada.get('/api/session')).body).user.email, NEW_ADDRESS);
    assert.notEqual(ada.cookies.get('latchkey'), token);
    const recipients = async (name: string) => (await mailsOf(system, name)).map(({ to }) => to);
    assert.deepEqual(await recipients('address-changed'), [NEW_ADDRESS]);
    assert.deepEqual(await recipients('address-change-notice'), [ADDRESS]);
    assert.equal((await system.visitor().signIn(NEW_ADDRESS, ADA.password)).location, '/dashboard');
    assert.equal((await system.visitor().signIn(ADDRESS, ADA.password)).status, 401);
  });

  it('A14: is not confirmed by a mail scanner, nor by a user who is not signed in to that account', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ada, ben } = started;
    await requestAddressChange(system, ada, NEW_ADDRESS);
    const path = await confirmPath(system);
    const scanner = system.visitor();
    assert.equal(pathTo(await scanner.get(path)), CONFIRM);
    assert.match(
      String((await scanner.get(CONFIRM)).location),
      /^\/login\?next=%2Faccount%2Femail%2Fconfirm%3Fflow%3D[\w-]{16}$/,
    );
    await ben.get(path);
    assert.equal((await ben.get(CONFIRM)).status, 410, 'it is another account’s');
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    await scanner.get(path);
    await scanner.submit('/login', { ...ADA, next: CONFIRM });
    assert.equal((await scanner.submit(CONFIRM, {})).location, '/account', 'signed in there, it goes on');
  });

  it('A14: is confirmed only once, only within an hour, and only by the newest link', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitorFrom(newAddress()));
    await requestAddressChange(system, ada, 'first@example.net');
    const first = await confirmPath(system, 'first@example.net');
    await requestAddressChange(system, ada, NEW_ADDRESS);
    await ada.get(first);
    assert.equal((await ada.get(CONFIRM)).status, 410);
    const path = await confirmPath(system);
    assert.equal((await openAndConfirmLink(ada, path, CONFIRM)).status, 303);
    await ada.get(path);
    assert.equal((await ada.get(CONFIRM)).status, 410, 'once');
    await requestAddressChange(system, ada, 'late@example.net');
    system.clock.advance(HOUR);
    await ada.get(await confirmPath(system, 'late@example.net'));
    assert.equal((await ada.get(CONFIRM)).status, 410);
  });

  it('A03: is answered alike for a free address, another user’s address, and that address in upper case', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system } = started;
    const heard = new Set<string>();
    for (const email of [
      'free@example.net',
      ADDRESS,
      ADDRESS.toUpperCase().replace('EXAMPLE.ORG', 'example.org'),
    ]) {
      const ben = await signInAs(system.visitorFrom(newAddress()), BEN);
      const answer = responseText(await requestAddressChange(system, ben, email));
      heard.add(
        answer + (await ben.get(PAGE)).body.replaceAll(email, '').replace(/name="csrf" value="[^"]+"/g, ''),
      );
    }
    assert.equal(heard.size, 1);
    const wanted = await mailsOf(system, 'address-wanted');
    assert.deepEqual(
      wanted.map(({ to }) => to),
      [ADDRESS, ADDRESS],
    );
    assert.doesNotMatch(String(wanted[0]?.text), /\bBen\b/, 'who asked is not told');
  });

  it('A21: that an attacker began becomes void when the owner recovers the account', async () => {
    await using system = await startWithAda(engine, OPTIONAL);
    const thief = await signInAs(system.visitorFrom(newAddress()));
    await requestAddressChange(system, thief, 'evil@example.com');
    const path = await confirmPath(system, 'evil@example.com');
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    await thief.signIn(ADA.username, NEW_PASSWORD);
    await thief.get(path);
    assert.equal((await thief.get(CONFIRM)).status, 410);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
  });

  it('A11: becomes void when the password changes, and a password reset becomes void when the address changes', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitorFrom(newAddress()));
    await requestAddressChange(system, ada, NEW_ADDRESS);
    const path = await confirmPath(system);
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    await ada.get(path);
    assert.equal((await ada.get(CONFIRM)).status, 410);
    const reset = await requestResetPath(system);
    await changeAddress(system, ada, NEW_ADDRESS);
    await ada.get(reset);
    assert.equal((await ada.get('/reset-password')).status, 410);
  });

  it('A18: keeps an account that lost its unconfirmed address by it from confirming that address', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const attacker = await registerAda(system);
    const { path } = await newestConfirmation(system);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password, 'ben@example.org');
    await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
    await changeAddress(system, await signInAs(ben, BEN), ADDRESS);
    assert.equal((await openAndConfirm(attacker, path)).status, 410);
    assert.equal((await addressOf(system)).isConfirmed, false);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
  });

  it('A32: is refused for an invalid, blocked or unchanged address, with a message beside the field', async () => {
    await using system = await startWithAda(engine, { ...OPTIONAL, blockedEmailDomains: 'bad.example' });
    const ada = await signInAs(system.visitorFrom(newAddress()));
    const refused = [
      '',
      'x',
      'a@x.org,b@y.org',
      'a@x.org\r\nBcc: b@y.org',
      'a\u0000@x.org',
      'eve@bad.example',
      ADDRESS,
    ];
    for (const email of refused) {
      const answer = await requestAddressChange(system, ada, email);
      assert.equal(answer.status, 422, JSON.stringify(email));
      assert.match(answer.body, /id="email-problem"/);
    }
    assert.deepEqual(await mailsOf(system, 'address-change-confirm'), []);
  });

  it('sends at most three mails a day to one address, whichever user requests it', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ada, ben } = started;
    const statuses: number[] = [];
    for (const visitor of [ada, ben, ada, ben])
      statuses.push((await requestAddressChange(system, visitor, NEW_ADDRESS)).status);
    assert.deepEqual(statuses, [303, 303, 303, 429]);
    const spelled = NEW_ADDRESS.replace('countess', 'Countess');
    assert.equal((await requestAddressChange(system, ada, spelled)).status, 429, 'the same mailbox');
  });
});

it('the page that changes an email address is not found when accounts have no addresses or no mail can be sent', async () => {
  for (const options of [{ email: 'off' }, { baseUrl: 'https://login.example.org', ...OPTIONAL }] as const) {
    await using system = await startSystem(options);
    assert.equal((await system.visitor().get(PAGE)).status, 404);
  }
});
