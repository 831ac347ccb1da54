import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  authorizationRequestsIn,
  goToProvider,
  identitiesIn,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startWithTwin,
} from '../kit/federation.ts';
import { rowsIn } from '../kit/sign-in-steps.ts';
import { deleteExpired, reachInside } from '../kit/system.ts';
import { accountOf, copyOf, isSignedIn, pathTo, SESSION } from '../kit/visitor.ts';

onEveryDatabase('A23: a sign-in with an identity provider', (engine) => {
  it('A15 A66 P28 begins one session when a browser returns sixteen times with one authorization response', async () => {
    await using started = await startWithTwin(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const ada = system.visitor();
    const back = provider.signIn(await goToProvider(ada));
    const copies = Array.from({ length: 16 }, () => copyOf(system, ada));
    const answers = await Promise.all(copies.map((copy) => returnFromProvider(copy, back)));
    assert.ok(answers.every(({ location }) => location === '/dashboard'));
    assert.ok((await Promise.all(copies.map(isSignedIn))).every(Boolean));
    assert.equal(new Set(copies.map(({ cookies }) => cookies.get(SESSION))).size, 1);
    assert.equal((await rowsIn(system, 'sessions')).length, 2, 'with that of the registration');
    assert.equal(
      provider.asked.filter((path) => path === '/token').length,
      2,
      'one code each for two sign-ins',
    );
  });

  it('A59: expires after ten minutes, and is then deleted', async () => {
    await using started = await startWithTwin(engine);
    const { provider, system } = started;
    for (const [minutes, expected] of [
      [10 * MINUTE - 1, '/register/connected'],
      [10 * MINUTE, '/login'],
    ] as const) {
      const ada = system.visitor();
      const back = provider.signIn(await goToProvider(ada));
      system.clock.advance(minutes);
      assert.equal(pathTo(await returnFromProvider(ada, back)), expected);
    }
    await goToProvider(system.visitor());
    system.clock.advance(10 * MINUTE);
    assert.equal((await authorizationRequestsIn(system)).length, 1);
    await deleteExpired(system);
    assert.deepEqual(await authorizationRequestsIn(system), []);
  });

  it('A59 I26 stays expired when the clock steps back after it was seen expired', async () => {
    await using started = await startWithTwin(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    const back = provider.signIn(await goToProvider(ada));
    const again = copyOf(system, ada);
    system.clock.advance(10 * MINUTE);
    assert.equal(pathTo(await returnFromProvider(ada, back)), '/login');
    system.clock.advance(-5 * MINUTE);
    assert.equal(pathTo(await returnFromProvider(again, back)), '/login');
    assert.deepEqual(await authorizationRequestsIn(system), []);
  });
});

onEveryDatabase('the identity of an account at an identity provider', (engine) => {
  it('A12: is deleted with the account', async () => {
    await using started = await startWithTwin(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const { lifecycle } = reachInside(system, 'operators delete accounts on the command line').core;
    await lifecycle.delete((await accountOf(system)).id, { now: system.clock.read() });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), '/register/connected');
  });
});
