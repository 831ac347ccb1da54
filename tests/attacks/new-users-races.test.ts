import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  AUTOMATIC_ACCOUNTS,
  acme,
  identitiesIn,
  NEW_USER_PAGE,
  signInWithProvider,
  startTwinProvider,
  startWithTwin,
} from '../kit/federation.ts';
import { startSystem, usernamesIn } from '../kit/system.ts';
import { isSignedIn } from '../kit/visitor.ts';

onEveryDatabase('a new user who comes from an identity provider', (engine) => {
  it('A15: gets one account when the form is sent sixteen times at once', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await signInWithProvider(ada, provider);
    const csrf = await ada.token(NEW_USER_PAGE);
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const send = (_: unknown, number: number) =>
      system.visitor().post(NEW_USER_PAGE, { csrf, username: `Ada ${number}` }, { cookie });
    const answers = await Promise.all(Array.from({ length: 16 }, send));
    const made = answers.filter(({ location }) => location === '/dashboard');
    assert.deepEqual([made.length, (await usernamesIn(system)).length], [1, 1]);
    assert.equal((await identitiesIn(system)).length, 1);
  });

  it('A54: gets one account when eight browsers register at once', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const browsers = Array.from({ length: 8 }, system.visitor);
    await Promise.all(browsers.map((browser) => signInWithProvider(browser, provider)));
    const answers = await Promise.all(
      browsers.map((browser, number) => browser.submit(NEW_USER_PAGE, { username: `Ada ${number}` })),
    );
    assert.equal(answers.filter(({ location }) => location === '/dashboard').length, 1);
    assert.equal((await usernamesIn(system)).length, 1);
    assert.equal((await Promise.all(browsers.map(isSignedIn))).filter(Boolean).length, 1);
  });
});

onEveryDatabase(
  'an account that is created automatically at the first sign-in with an identity provider',
  (engine) => {
    it('A15: is created once when eight browsers sign in at once', async () => {
      await using provider = await startTwinProvider();
      await using system = await startSystem(acme(provider, AUTOMATIC_ACCOUNTS), engine);
      provider.profile = { sub: 'ada-there', preferred_username: 'ada' };
      await Promise.all(Array.from({ length: 8 }, () => signInWithProvider(system.visitor(), provider)));
      assert.equal((await identitiesIn(system)).length, 1);
      assert.equal((await usernamesIn(system)).length, 1);
    });
  },
);
