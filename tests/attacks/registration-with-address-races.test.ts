import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS, newestConfirmation, openAndConfirm, REQUIRED, registerAda } from '../kit/mailed-links.ts';
import { accountIdOf, reachInside, startSystem } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

onEveryDatabase('a registration that requires an email address', (engine) => {
  it('A15: gives the address to one account when eight users register with it at once', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const visitors = Array.from({ length: 8 }, (_, number) => ({
      name: `Twin ${number}`,
      visitor: system.visitor(),
    }));
    const answers = await Promise.all(
      visitors.map(({ name, visitor }) => visitor.register(name, ADA.password, ADDRESS)),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
    const { queries } = reachInside(system, 'no page shows which account has an address').core.database;
    const rows = await queries.selectFrom('accounts').select(['email', 'email_key']).execute();
    assert.deepEqual([rows.length, rows.filter(({ email_key }) => email_key !== null).length], [8, 1]);
  });

  it('A20: takes over the address of an account that did not confirm it in time', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const squatter = system.visitor();
    await squatter.register(BEN.username, BEN.password, ADDRESS);
    const old = await newestConfirmation(system);
    await squatter.signIn(BEN.username, BEN.password);
    system.clock.advance(DAY);
    const ada = await registerAda(system);
    assert.equal(await accountIdOf(system, BEN.username), null, 'with all that was its own');
    await squatter.get(old.path);
    assert.equal((await squatter.get('/verify-email')).status, 410);
    assert.equal((await squatter.signIn(BEN.username, BEN.password)).status, 401);
    assert.equal((await openAndConfirm(ada, (await newestConfirmation(system)).path)).status, 303);
    assert.equal((await ada.signIn(ADDRESS, ADA.password)).location, '/dashboard');
  });
});
