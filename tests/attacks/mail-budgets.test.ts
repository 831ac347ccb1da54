import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/core/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS, askForLink, newestConfirmation, openAndConfirm, resend } from '../kit/mailed-links.ts';
import { deleteExpired, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, type Answer, BEN, newAddress } from '../kit/visitor.ts';

const STEP = '/login/confirm-address';
const THIRD = 'third@example.org';
const OPTIONS = { email: 'required', magicLink: 'on' } as const;
/** As many mails as one mailbox gets that its owner may not have wanted. */
const MOST = 6;

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
  return system.visitorFrom(newAddress()).submit('/forgot-password', { username });
}

/** Registers accounts with one address, and has mail sent to it in every way that a client has. */
async function bombard(system: TestSystem, address: string, name: string): Promise<readonly Answer[]> {
  const [mailbox = '', domain = ''] = address.split('@');
  const bomber = system.visitorFrom(newAddress());
  const answers = [await bomber.register(name, BEN.password, address)];
  answers.push(await bomber.signIn(name, BEN.password));
  for (let times = 0; times < 2; times += 1) answers.push(await resend(system, bomber, STEP));
  for (const named of [address, name, address]) answers.push(await askForReset(system, named));
  for (const tag of ['', '+1', '+2']) {
    const visitor = system.visitorFrom(newAddress());
    answers.push(await visitor.register(`${name} ${tag}`, BEN.password, `${mailbox}${tag}@${domain}`));
    answers.push(await visitor.signIn(`${name} ${tag}`, BEN.password));
    answers.push(await resend(system, visitor, STEP));
  }
  return answers;
}

async function confirmedAda(system: TestSystem, address: string = ADDRESS) {
  const ada = system.visitorFrom(newAddress());
  await ada.register(ADA.username, ADA.password, address);
  await openAndConfirm(ada, (await newestConfirmation(system, address)).path);
  await ada.signIn(ADA.username, ADA.password);
  return ada;
}

/** What a client sees of answers, without what is random or names the address. */
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
  it('A64 I05 are six a day by all ways together, under whatever tag and account', async () => {
    await using system = await startSystem(OPTIONS, engine);
    const ada = await confirmedAda(system);
    await bombard(system, THIRD, 'bomber');
    await ada.submit('/account/email', { email: THIRD });
    const mails = await mailsInto(system, THIRD);
    assert.equal(mails.length, MOST, mails.join(' '));
    assert.ok(mails.includes('confirm-address') && mails.includes('reset-password'), mails.join(' '));
    system.clock.advance(60 * MINUTE);
    await bombard(system, THIRD, 'second');
    assert.equal((await mailsInto(system, THIRD)).length, MOST, 'an hour later');
    system.clock.advance(DAY);
    await deleteExpired(system);
    assert.equal((await mailsInto(system, THIRD)).length, 0, 'they go with their accounts');
    await bombard(system, THIRD, 'third');
    assert.equal((await mailsInto(system, THIRD)).length, MOST, 'a day later');
  });

  it('A03 A67 I05 are refused without a difference in any answer', async () => {
    const seen: unknown[] = [];
    for (const isUsedUp of [true, false]) {
      await using system = await startSystem(OPTIONS, engine);
      const ada = await confirmedAda(system);
      if (isUsedUp) await bombard(system, THIRD, 'bomber');
      else await bombard(system, 'other@example.org', 'bomber');
      const sent = (await mailsInto(system, THIRD)).length;
      const stranger = system.visitorFrom(newAddress());
      const answers = [await stranger.register('Stranger', BEN.password, THIRD)];
      answers.push(await stranger.get('/login'), await stranger.signIn('Stranger', BEN.password));
      answers.push(await stranger.get(STEP), await resend(system, stranger, STEP), await stranger.get(STEP));
      answers.push(await askForReset(system, THIRD));
      answers.push(await ada.submit('/account/email', { email: THIRD }), await ada.get('/account/email'));
      seen.push(seenOf(answers, THIRD));
      assert.equal((await mailsInto(system, THIRD)).length === sent, isUsedUp);
    }
    assert.deepEqual(seen[0], seen[1]);
  });

  it('A07 I05 leave the owner of a confirmed address the mails of their own', async () => {
    await using system = await startSystem(OPTIONS, engine);
    await confirmedAda(system, THIRD);
    for (let number = 0; number < 8; number += 1)
      await system.visitorFrom(newAddress()).register(`bomber ${number}`, BEN.password, THIRD);
    await askForReset(system, THIRD);
    await askForLink(system, system.visitorFrom(newAddress()), THIRD);
    const mails = await mailsInto(system, THIRD);
    const own = mails.filter((name) => name === 'reset-password' || name === 'magic-link');
    assert.deepEqual(own.toSorted(), ['magic-link', 'reset-password']);
  });

  it('I05 leave the last one good when no further one is sent', async () => {
    await using system = await startSystem(OPTIONS, engine);
    const ada = system.visitorFrom(newAddress());
    await ada.register(ADA.username, ADA.password, ADDRESS);
    await ada.signIn(ADA.username, ADA.password);
    for (let times = 0; times < 5; times += 1) await resend(system, ada, STEP);
    system.clock.advance(60 * MINUTE);
    await ada.signIn(ADA.username, ADA.password);
    const page = await ada.get(STEP);
    assert.match(page.body, /One mailbox gets six such mails a day at most/);
    assert.match(page.body, /<a href="\/forgot-password">Choose a new password for it<\/a>/);
    assert.equal((await resend(system, ada, STEP)).status, 303);
    assert.equal((await mailsInto(system, ADDRESS)).length, MOST);
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit(STEP, { code })).location, '/dashboard');
  });
});
