import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  addressOf,
  changeAddress,
  mailsOf,
  NEW_ADDRESS,
  openAndConfirmLink,
  openAndReset,
  registerAda,
  resetPathsTo,
  startWithAda,
  UNDO,
  undoPath,
} from '../kit/mailed-links.ts';
import { disableAccount, startSystem } from '../kit/system.ts';
import { resetCounters } from '../kit/throttling.ts';
import { ADA, BEN, pathTo, signInAsThief } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const EVIL = 'evil@example.com';

onEveryDatabase('a change of email address', (engine) => {
  it('A16: is undone from the old address, and the owner gets the account back', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    await changeAddress(system, attacker, EVIL);
    await attacker.submit('/account/password', { 'new-password': 'the thief has chosen this' });
    const owner = system.visitor();
    const answer = await openAndConfirmLink(owner, await undoPath(system, ADDRESS), UNDO);
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.match((await owner.get('/login')).body, /Your old address is back/);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    assert.equal((await attacker.get('/api/session')).status, 401);
    await resetCounters(system);
    assert.equal((await attacker.signIn(ADA.username, 'the thief has chosen this')).status, 401);
    const [path = ''] = await resetPathsTo(system);
    assert.equal((await openAndReset(owner, path, NEW_PASSWORD)).status, 303);
    assert.equal((await owner.signIn(ADDRESS, NEW_PASSWORD)).location, '/dashboard');
  });

  it('A16: is undone to the original address however often an attacker changed it, and the attacker cannot undo that', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    await changeAddress(system, attacker, 'one@example.com');
    await changeAddress(system, attacker, 'two@example.com');
    const owner = system.visitor();
    assert.equal((await openAndConfirmLink(owner, await undoPath(system, ADDRESS), UNDO)).status, 303);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    await attacker.get(await undoPath(system, 'one@example.com'));
    assert.equal((await attacker.get(UNDO)).status, 410, 'the thief’s own link is void');
  });

  it('A14: is undone only by a POST, and only within three days', async () => {
    await using system = await startWithAda(engine);
    await changeAddress(system, await signInAsThief(system), EVIL);
    const path = await undoPath(system, ADDRESS);
    const scanner = system.visitor();
    assert.equal(pathTo(await scanner.get(path)), UNDO);
    for (let times = 0; times < 3; times += 1) assert.equal((await scanner.get(UNDO)).status, 200);
    assert.equal((await addressOf(system)).email, EVIL);
    system.clock.advance(3 * DAY - 1);
    await scanner.get(path);
    assert.equal((await scanner.get(UNDO)).status, 200);
    system.clock.advance(1);
    assert.equal((await scanner.get(UNDO)).status, 410);
  });

  it('A15: is undone once when sixteen requests undo it at once', async () => {
    await using system = await startWithAda(engine);
    await changeAddress(system, await signInAsThief(system), EVIL);
    const path = await undoPath(system, ADDRESS);
    const owners = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const visitor = system.visitor();
        await visitor.get(path);
        return { visitor, csrf: await visitor.token(UNDO) };
      }),
    );
    const answers = await Promise.all(owners.map(({ visitor, csrf }) => visitor.post(UNDO, { csrf })));
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    assert.equal((await resetPathsTo(system)).length, 1);
  });

  it('A16: is not undone when another user has the old address by then', async () => {
    await using system = await startWithAda(engine, { email: 'optional' });
    await changeAddress(system, await signInAsThief(system), NEW_ADDRESS);
    await system.visitor().register(BEN.username, BEN.password);
    const ben = system.visitor();
    await ben.signIn(BEN.username, BEN.password);
    await changeAddress(system, ben, ADDRESS);
    const owner = system.visitor();
    assert.equal((await openAndConfirmLink(owner, await undoPath(system, ADDRESS), UNDO)).status, 410);
    assert.deepEqual(await addressOf(system, BEN.username), { email: ADDRESS, isConfirmed: true });
    assert.equal((await addressOf(system)).email, NEW_ADDRESS);
  });

  it('A12: is not undone for a disabled account', async () => {
    await using system = await startWithAda(engine);
    await changeAddress(system, await signInAsThief(system), EVIL);
    const owner = system.visitor();
    await owner.get(await undoPath(system, ADDRESS));
    const csrf = await owner.token(UNDO);
    await disableAccount(system, ADA.username);
    assert.equal((await owner.post(UNDO, { csrf })).status, 410);
    assert.equal((await addressOf(system)).email, EVIL);
  });

  it('A18: is not announced to an old address that was never confirmed', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    await changeAddress(system, ada, NEW_ADDRESS);
    assert.deepEqual(await mailsOf(system, 'address-change-notice'), []);
  });
});
