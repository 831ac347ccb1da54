import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS, newestConfirmation, openAndConfirm, requestLink, resend } from '../kit/mailed-links.ts';
import {
  deleteExpired,
  eventsOf,
  reachInside,
  settleRequests,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { ADA, type Answer, BEN, newAddress, signInAs } from '../kit/visitor.ts';

const STEP = '/login/confirm-address';
const THIRD = 'third@example.org';
const OPTIONS = { email: 'required', magicLink: 'on' } as const;
/** The limits on unwanted mails to one mailbox: for all clients, and for the accounts with the address. */
const MOST = 30 + 3 + 3;
/** The limits for one client, and for the user whose account has the address. */
const MOST_OF_ONE = 10;
const OWN = 3;

/** The mails to one mailbox under all its addresses, each by its name. */
async function mailsInto(system: TestSystem, mailbox: string): Promise<readonly string[]> {
  const { core } = reachInside(system, 'the page of the mailbox does not tell mails by their recipient');
  await core.afterAnswer.settled();
  const [name = '', domain = ''] = mailbox.split('@');
  const mails = (await core.mail.mailbox?.list()) ?? [];
  return mails
    .filter(({ to }) => to.startsWith(name) && to.endsWith(domain))
    .map(({ message }) => message)
    .reverse();
}

async function askForReset(system: TestSystem, username: string): Promise<Answer> {
  system.clock.advance(SECOND);
  const answer = await system.visitorFrom(newAddress()).submit('/forgot-password', { username });
  await settleRequests(system);
  return answer;
}

/** Registers accounts with one address, and requests mail to it by every form that a client has. */
async function bombard(system: TestSystem, address: string, name: string): Promise<readonly Answer[]> {
  const [mailbox = '', domain = ''] = address.split('@');
  const bomber = system.visitorFrom(newAddress());
  const answers = [await bomber.register(name, BEN.password, address)];
  answers.push(await bomber.signIn(name, BEN.password));
  for (let times = 0; times < 3; times += 1) answers.push(await resend(system, bomber, STEP));
  for (const named of [address, name, address]) answers.push(await askForReset(system, named));
  for (const tag of ['', '+1', '+2']) {
    const visitor = system.visitorFrom(newAddress());
    answers.push(await visitor.register(`${name} ${tag}`, BEN.password, `${mailbox}${tag}@${domain}`));
    answers.push(await visitor.signIn(`${name} ${tag}`, BEN.password));
    answers.push(await resend(system, visitor, STEP));
  }
  return answers;
}

async function useUp(system: TestSystem, address: string): Promise<void> {
  for (let hour = 0; hour < 6; hour += 1) {
    await bombard(system, address, `bomber ${hour}`);
    system.clock.advance(HOUR);
  }
}

async function confirmedAda(system: TestSystem, address: string = ADDRESS) {
  const ada = system.visitorFrom(newAddress());
  await ada.register(ADA.username, ADA.password, address);
  await openAndConfirm(ada, (await newestConfirmation(system, address)).path);
  await ada.signIn(ADA.username, ADA.password);
  return ada;
}

/** What a client sees of responses, without what is random or contains the address. */
function seenOf(answers: readonly Answer[], address: string) {
  return answers.map(({ status, location, body }) => [
    status,
    location?.replace(/flow=[^&]+/, 'FLOW'),
    body
      .replaceAll(address, 'ADDRESS')
      .replaceAll(/value="[^"]+"/g, 'VALUE')
      .replaceAll(/flow=[^"&]+/g, 'FLOW'),
  ]);
}

onEveryDatabase('the mails to one mailbox', (engine) => {
  it('A64 I05 have one limit for all clients and kinds of mail, whatever tag the address has and whichever account it belongs to', async () => {
    await using system = await startSystem(OPTIONS, engine);
    const ada = await confirmedAda(system);
    await ada.submit('/account/email', { email: THIRD });
    await useUp(system, THIRD);
    const mails = await mailsInto(system, THIRD);
    assert.ok(mails.length > 30 && mails.length <= MOST, mails.join(' '));
    assert.ok(mails.includes('confirm-address') && mails.includes('reset-password'), mails.join(' '));
    const policies = eventsOf(system, 'throttled').map((event) => ('policy' in event ? event.policy : ''));
    assert.ok(policies.includes('mails-to-unproven-mailbox'), 'the operator sees it');
    system.clock.advance(DAY);
    await deleteExpired(system);
    const left = (await mailsInto(system, THIRD)).length;
    assert.ok(left <= 1, 'they go with their accounts');
    await bombard(system, THIRD, 'later');
    assert.ok((await mailsInto(system, THIRD)).length > left, 'a day later');
  });

  it('A64 I05 have a lower limit for one client', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const address = newAddress();
    for (let tag = 0; tag < 3 * MOST_OF_ONE; tag += 1)
      await system.visitorFrom(address).register(`bomber ${tag}`, BEN.password, `third+${tag}@example.org`);
    assert.equal((await mailsInto(system, THIRD)).length, MOST_OF_ONE);
    assert.ok(eventsOf(system, 'throttled').length > 0, 'the operator sees it');
    const owner = system.visitorFrom(newAddress());
    await owner.register('Thelma', BEN.password, THIRD);
    assert.equal((await mailsInto(system, THIRD)).length, MOST_OF_ONE + 1, 'another client has its own');
  });

  it('A07 I05 still go to the owner of an unconfirmed address after other clients have requested password resets', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const known = system.visitorFrom(newAddress());
    await known.register(ADA.username, ADA.password, ADDRESS);
    const count = async () => (await mailsInto(system, ADDRESS)).length;
    for (let round = 0; round < 2; round += 1) {
      for (let times = 0; times < 3; times += 1) await askForReset(system, ADA.username);
      system.clock.advance(31 * MINUTE);
    }
    const few = await count();
    await askForReset(system, ADA.username);
    assert.equal(await count(), few + 1, 'in an unknown browser after six requests');
    for (let round = 0; round < 20; round += 1) {
      for (let times = 0; times < 3; times += 1) await askForReset(system, ADA.username);
      system.clock.advance(31 * MINUTE);
    }
    const many = await count();
    assert.equal(many, 30, 'strangers have used up theirs');
    await known.submit('/forgot-password', { username: ADA.username });
    assert.equal(await count(), many + 1, 'in a browser that the account knows');
    await known.signIn(ADA.username, ADA.password);
    await resend(system, known, '/account/confirm-address');
    assert.equal(await count(), many + 2, 'in the session of the account');
  });

  it('A07 I05 still go to the owner when another client has registered with the address', async () => {
    await using system = await startSystem(OPTIONS, engine);
    const squatter = system.visitorFrom(newAddress());
    for (let name = 0; name < 3; name += 1) await squatter.register(`squatter ${name}`, BEN.password, THIRD);
    await squatter.signIn('squatter 0', BEN.password);
    for (let times = 0; times < 3; times += 1) await resend(system, squatter, STEP);
    const before = (await mailsInto(system, THIRD)).length;
    await system.visitorFrom(newAddress()).register('Thelma', ADA.password, THIRD);
    await askForReset(system, THIRD);
    const mails = await mailsInto(system, THIRD);
    assert.deepEqual(mails.slice(before), ['confirm-address', 'reset-password']);
  });

  it('A03 A67 I05 are refused without a difference in any answer', async () => {
    const seen: unknown[] = [];
    for (const isUsedUp of [true, false]) {
      await using system = await startSystem(OPTIONS, engine);
      await confirmedAda(system);
      await useUp(system, isUsedUp ? THIRD : 'other@example.org');
      const ada = await signInAs(system.visitorFrom(newAddress()));
      const sent = (await mailsInto(system, THIRD)).length;
      const otherClient = system.visitorFrom(newAddress());
      const answers = [await otherClient.register('Stranger', BEN.password, THIRD)];
      answers.push(await otherClient.get('/login'), await otherClient.signIn('Stranger', BEN.password));
      answers.push(
        await otherClient.get(STEP),
        await resend(system, otherClient, STEP),
        await otherClient.get(STEP),
      );
      answers.push(await askForReset(system, THIRD));
      answers.push(await ada.submit('/account/email', { email: THIRD }), await ada.get('/account/email'));
      seen.push(seenOf(answers, THIRD));
      assert.equal((await mailsInto(system, THIRD)).length === sent, isUsedUp);
    }
    assert.deepEqual(seen[0], seen[1]);
  });

  it('A07 I05 still include those that the owner of a confirmed address requests', async () => {
    await using system = await startSystem(OPTIONS, engine);
    await confirmedAda(system, THIRD);
    for (let number = 0; number < 8; number += 1)
      await system.visitorFrom(newAddress()).register(`bomber ${number}`, BEN.password, THIRD);
    await askForReset(system, THIRD);
    await requestLink(system, system.visitorFrom(newAddress()), THIRD);
    const mails = await mailsInto(system, THIRD);
    const own = mails.filter((name) => name === 'reset-password' || name === 'magic-link');
    assert.deepEqual(own.toSorted(), ['magic-link', 'reset-password']);
  });

  it('I05 leave the last link valid when no further mail is sent', async () => {
    await using system = await startSystem(OPTIONS, engine);
    const ada = system.visitorFrom(newAddress());
    await ada.register(ADA.username, ADA.password, ADDRESS);
    await ada.signIn(ADA.username, ADA.password);
    for (let hour = 0; hour < 3; hour += 1) {
      for (let times = 0; times < 5; times += 1) await resend(system, ada, STEP);
      system.clock.advance(HOUR);
      await ada.signIn(ADA.username, ADA.password);
    }
    const page = await ada.get(STEP);
    assert.match(page.body, /Only a few such mails a day go to one mailbox/);
    assert.match(page.body, /<a href="\/forgot-password">Choose a new password for it<\/a>/);
    assert.equal((await resend(system, ada, STEP)).status, 303);
    assert.equal((await mailsInto(system, ADDRESS)).length, MOST_OF_ONE + OWN);
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit(STEP, { code })).location, '/dashboard');
  });
});
