import assert from 'node:assert/strict';
import { it } from 'node:test';
import { markBreached } from '../../src/features/passwords/store.ts';
import {
  isPasswordAccepted,
  isPasswordFlagged,
  LISTED_PASSWORD,
  NEW_PASSWORD_STEP,
  setPassword,
} from '../kit/breached-passwords.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { reachInside, startSystem } from '../kit/system.ts';
import { ADA, accountOf, NEW_PASSWORD } from '../kit/visitor.ts';

onEveryDatabase('the replacement of a breached password', (engine) => {
  it('A15: succeeds once when sixteen requests replace it at once, and only the winning password works', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    await ada.signIn(ADA.username, LISTED_PASSWORD);
    const csrf = await ada.token(NEW_PASSWORD_STEP);
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const passwords = Array.from({ length: 16 }, (_, number) => `${NEW_PASSWORD} no. ${number}`);
    const browsers = passwords.map(() => system.visitor());
    const answers = await Promise.all(
      browsers.map((browser, number) =>
        browser.post(NEW_PASSWORD_STEP, { csrf, 'new-password': passwords[number] ?? '' }, { cookie }),
      ),
    );
    const winners = answers.flatMap(({ location }, number) => (location === '/dashboard' ? [number] : []));
    assert.equal(winners.length, 1);
    for (const [number, password] of passwords.entries())
      assert.equal(await isPasswordAccepted(system, password), winners.includes(number), password);
    const [winner = 0] = winners;
    assert.equal((await browsers[winner]?.get('/api/session'))?.status, 200);
  });
});

onEveryDatabase('the flag on a breached password', (engine) => {
  it('applies only to the password that was found breached', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const { queries } = reachInside(system, 'the mark must come late, and once as an older node leaves it')
      .core.database;
    const { id } = await accountOf(system);
    const now = system.clock.read();
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    await markBreached(queries, id, { version: now, now });
    assert.equal(await isPasswordFlagged(system), false, 'that was about the password of before');
    // As left by a node that does not know the flag and changes the password.
    await queries.updateTable('passwords').set({ found_breached_at: now }).execute();
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    // The clock of the node that finds it may be behind.
    await markBreached(queries, id, { version: now + 1, now: now - 5_000 });
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, NEW_PASSWORD_STEP);
  });
});
