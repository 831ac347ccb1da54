import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { accountIdOf, disableAccount, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, accountOf, presentToken, SESSION, signedIn } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

/** Sends a form with the cookie of a user, and delays the end of its body until `finish`. */
function heldPost(
  { fetch, origin }: TestSystem,
  token: string,
  path: string,
  fields: Record<string, string>,
) {
  const bytes = new TextEncoder().encode(new URLSearchParams(fields).toString());
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(bytes.slice(0, 4)),
    pull: async (controller) => {
      asked.resolve();
      await held.promise;
      controller.enqueue(bytes.slice(4));
      controller.close();
    },
  });
  const headers = {
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
    cookie: `${SESSION}=${token}`,
    'sec-fetch-site': 'same-origin',
  };
  const answer = fetch(new Request(origin + path, { method: 'POST', headers, body, duplex: 'half' }));
  return { answer, asked: asked.promise, finish: held.resolve };
}

onEveryDatabase('a request whose body is delayed', (engine) => {
  it('A10: does not change the password once its session has ended', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const csrf = await ada.token('/account/password');
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const held = heldPost(system, token, '/account/password', { csrf, 'new-password': NEW_PASSWORD });
    await held.asked;
    await elsewhere.post('/account/sessions/end-others', {
      csrf: await elsewhere.token('/account/sessions'),
    });
    assert.equal((await presentToken(system, token)).status, 401);
    held.finish();
    assert.equal((await held.answer).headers.get('location'), '/login');
    assert.equal((await elsewhere.get('/api/session')).status, 200, 'and ends no other');
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A10, A12: does not delete the account once its session has ended', async () => {
    await using system = await startSystem({ deletionDelay: '0s' }, engine);
    await signedIn(system);
    const { id } = await accountOf(system);
    const { lifecycle } = reachInside(system, 'operators end all sessions on the command line').core;
    for (const end of [() => lifecycle.signOut(id), () => disableAccount(system, ADA.username)]) {
      const ada = system.visitor();
      await ada.signIn(ADA.username, ADA.password);
      const csrf = await ada.token('/account/delete');
      const held = heldPost(system, String(ada.cookies.get(SESSION)), '/account/delete', { csrf });
      await held.asked;
      await end();
      held.finish();
      assert.equal((await held.answer).headers.get('location'), '/login');
      assert.equal(await accountIdOf(system, ADA.username), id);
    }
  });
});
