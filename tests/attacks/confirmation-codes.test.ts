import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  isConfirmed,
  newestConfirmation,
  openAndConfirm,
  REQUIRED,
  registerAda,
  resend,
} from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const STEP = '/login/confirm-address';

function wrongCode(code: string): string {
  return String((Number(code) + 1) % 100_000_000).padStart(8, '0');
}

onEveryDatabase('the code of a confirmation mail', (engine) => {
  it('A40: confirms the address once, even with added spaces, and lets the sign-in continue', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    const { code, path } = await newestConfirmation(system);
    const answer = await ada.submit(STEP, { code: ` ${code.slice(0, 4)} ${code.slice(4)} ` });
    assert.deepEqual([answer.status, answer.location], [303, '/dashboard']);
    assert.equal(JSON.parse((await ada.get('/api/session')).body).user.emailVerified, true);
    await ada.get(path);
    assert.equal((await ada.get('/verify-email')).status, 410, 'the link of the same mail is spent, too');
  });

  it('A40: becomes void after five wrong attempts, even when sixteen come at once', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    const { code } = await newestConfirmation(system);
    const csrf = await ada.token(STEP);
    const tries = Array.from({ length: 16 }, () => ada.post(STEP, { csrf, code: wrongCode(code) }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    assert.deepEqual([statuses.filter((status) => status === 422).length, statuses.length], [5, 16]);
    const refused = await ada.submit(STEP, { code });
    assert.equal(refused.status, 429);
    assert.match(refused.body, /tried too often/);
    await resend(system, ada, STEP);
    const fresh = await newestConfirmation(system);
    assert.equal((await ada.submit(STEP, { code: fresh.code })).location, '/dashboard');
  });

  it('A13: does not work for another user', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password, 'ben@example.org');
    await ben.signIn(BEN.username, BEN.password);
    const { code } = await newestConfirmation(system);
    assert.equal((await ben.submit(STEP, { code })).status, 422);
    assert.deepEqual(
      [await isConfirmed(system), await isConfirmed(system, 'ben@example.org')],
      [false, false],
    );
  });
});

onEveryDatabase('an account whose email address is optional', (engine) => {
  it('works at once, and its signed-in user can confirm the address', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const ada = await registerAda(system);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.match((await ada.get('/account')).body, /not confirmed.*href="\/account\/confirm-address"/s);
    const page = '/account/confirm-address';
    assert.equal((await resend(system, ada, page)).location, page);
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit(page, { code: wrongCode(code) })).status, 422);
    assert.equal((await ada.submit(page, { code })).location, '/account');
    assert.equal(JSON.parse((await ada.get('/api/session')).body).user.emailVerified, true);
    assert.equal((await ada.get(page)).location, '/account');
  });

  it('A19: is neither confirmed nor entered by the owner of the mailbox when an attacker registered it', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    await registerAda(system);
    const { path } = await newestConfirmation(system);
    const owner = system.visitor();
    assert.equal((await openAndConfirm(owner, path)).status, 422);
    assert.deepEqual([await isConfirmed(system), (await owner.get('/api/session')).status], [false, 401]);
  });
});
