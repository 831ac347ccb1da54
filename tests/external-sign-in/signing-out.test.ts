import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import {
  acme,
  CALLBACK,
  CLIENT,
  redirectTarget,
  registerWithProvider,
  signInWithProvider,
  startProviderServer,
  startTwinProvider,
} from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { eventsOf, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, copyOf, isSignedIn, type Visitor } from '../kit/visitor.ts';

const SITE = 'http://localhost:3000';

/** Where the provider reaches this site without a browser. */
async function startDoor(system: () => TestSystem | null) {
  return startProviderServer(() => async (request, response) => {
    const found = system();
    const answer = await found?.fetch(await requestFrom(request, found.origin));
    response.writeHead(answer?.status ?? 503).end();
  });
}

async function requestFrom(request: IncomingMessage, origin: string): Promise<Request> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const headers = { 'content-type': String(request.headers['content-type']) };
  return new Request(new URL(request.url ?? '', origin), { method: 'POST', headers, body });
}

/** A certified provider that notifies this site of sign-outs, and this site. */
async function start(more = {}) {
  let system: TestSystem | null = null;
  const stack = new AsyncDisposableStack();
  const door = stack.use(await startDoor(() => system));
  const provider = stack.use(
    await startOpenIdProvider(SITE + CALLBACK, {
      backchannel_logout_uri: `${door.origin}/oauth/acme/backchannel-logout`,
      backchannel_logout_session_required: true,
      post_logout_redirect_uris: [`${SITE}/login`],
    }),
  );
  const started = stack.use(await startSystem(acme(provider, more)));
  system = started;
  // The provider signs with the time of this machine.
  started.clock.advance(Date.now() - started.clock.read());
  return { provider, system: started, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function pressSignOut(visitor: Visitor) {
  return visitor.post('/logout', { csrf: await visitor.token('/dashboard') });
}

describe('signing out here', () => {
  it('names to an API client the address at which it continues at the provider', async () => {
    await using started = await start({ oidcAcmeLogout: 'both' });
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    await ada.signOut();
    await signInWithProvider(ada, provider);
    const answer = JSON.parse((await ada.postJson('/api/logout', {})).body);
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await provider.signOut(new URL(answer.signOutUrl))).href, `${SITE}/login`);
  });

  it('also signs the user out at the provider when the settings say so, and returns', async () => {
    await using started = await start({ oidcAcmeLogout: 'both' });
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    await ada.signOut();
    await signInWithProvider(ada, provider);
    const answer = await pressSignOut(ada);
    assert.equal(await isSignedIn(ada), false, 'here at once');
    assert.match(answer.body, /You are signed out here, and are being taken to Acme/);
    assert.equal(answer.headers.get('clear-site-data') !== null, true);
    const page = redirectTarget(answer);
    assert.deepEqual([...page.searchParams.keys()].sort(), [
      'client_id',
      'id_token_hint',
      'post_logout_redirect_uri',
    ]);
    assert.equal((await provider.signOut(page)).href, `${SITE}/login`);
    assert.match((await ada.get('/login')).body, /You have been logged out/);
    provider.user = null;
    assert.equal(
      (await signInWithProvider(ada, provider)).location,
      '/login',
      'the provider asks who it is again',
    );
  });

  it('leads to the provider again when the sign-out button is clicked twice', async () => {
    await using started = await start({ oidcAcmeLogout: 'both' });
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const form = { csrf: await ada.token('/dashboard') };
    const second = copyOf(system, ada);
    const first = await ada.post('/logout', form);
    const again = await second.post('/logout', form);
    assert.equal(redirectTarget(again).href, redirectTarget(first).href);
    assert.deepEqual([again.status, again.body], [first.status, first.body]);
    assert.deepEqual(again.headers.getSetCookie(), first.headers.getSetCookie());
    assert.equal(again.headers.get('clear-site-data'), first.headers.get('clear-site-data'));
    assert.equal(eventsOf(system, 'signed-out').length, 1);
    assert.doesNotMatch(
      first.body,
      /action="\/logout"/,
      'nothing on the page keeps the user from the provider',
    );
    const signedOut = await system.visitor().post('/logout', form);
    assert.deepEqual([signedOut.status, signedOut.location], [303, '/login']);
  });

  it('stays local when the settings say nothing, the session began with a password, or the provider cannot take part', async () => {
    await using started = await start();
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    assert.deepEqual([(await pressSignOut(ada)).location, await isSignedIn(ada)], ['/login', false]);
    await using away = await startTwinProvider();
    await using other = await startSystem(acme(away, { oidcAcmeLogout: 'both' }));
    const ben = other.visitor();
    await registerWithProvider(ben, away, 'Ben');
    const endsHereOnly = async (code: string) => {
      assert.deepEqual([(await pressSignOut(ben)).location, await isSignedIn(ben)], ['/login', false]);
      assert.match(
        (await ben.get('/login')).body,
        /You have been logged out[\s\S]*you may still be signed in there/,
      );
      const line = other.logLines.findLast((text) => text.includes('provider-sign-out-failed'));
      assert.deepEqual(JSON.parse(String(line)).code, code);
    };
    await endsHereOnly('no-end-session-endpoint');
    for (const end_session_endpoint of ['javascript:alert(1)', 'nowhere']) {
      away.faults = { metadata: { end_session_endpoint } };
      other.clock.advance(2 * 3_600_000);
      await signInWithProvider(ben, away);
      await endsHereOnly('malformed-metadata');
    }
    await signInWithProvider(ben, away);
    await away.stop();
    other.clock.advance(2 * 3_600_000);
    await endsHereOnly('malformed-metadata');
    const carl = other.visitor();
    await carl.register('Carl', ADA.password);
    await carl.signIn('Carl', ADA.password);
    assert.equal((await pressSignOut(carl)).location, '/login');
  });
});

describe('signing out with a large ID token', () => {
  it('P38 sends no large header and no longer address than servers take, and leads to the provider all the same', async () => {
    await using provider = await startTwinProvider();
    provider.faults = { metadata: { end_session_endpoint: `${provider.origin}/end` } };
    await using system = await startSystem(acme(provider, { oidcAcmeLogout: 'both' }));
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    await ada.signOut();
    for (const [count, hasHint] of [
      [0, true],
      [60, false],
      [400, false],
    ] as const) {
      const groups = Array.from(
        { length: count },
        (_, number) => `a group with a name like others ${number}`,
      );
      provider.profile = { sub: 'ada-there', email: 'ada@example.org', groups };
      await signInWithProvider(ada, provider);
      const answer = await pressSignOut(ada);
      assert.equal(await isSignedIn(ada), false);
      const page = redirectTarget(answer);
      assert.equal(page.origin + page.pathname, `${provider.origin}/end`);
      assert.equal(page.searchParams.get('client_id'), CLIENT.id);
      assert.equal(page.searchParams.has('id_token_hint'), hasHint, String(count));
      assert.ok(page.search.length <= 2_000);
      const headers = [...answer.headers].map(([name, value]) => name.length + value.length + 4);
      assert.ok(headers.reduce((sum, length) => sum + length, 0) < 3_000, 'nginx takes 4 KB');
      await ada.get('/login');
    }
  });
});

describe('signing out at a certified provider', () => {
  it('ends the user’s sessions here', async () => {
    await using started = await start({ oidcAcmeLogout: 'both' });
    const { provider, system } = started;
    const [here, elsewhere] = [system.visitor(), system.visitor()];
    await registerWithProvider(here, provider, 'Ada');
    await signInWithProvider(elsewhere, provider);
    assert.equal(await isSignedIn(elsewhere), true);
    await provider.signOut(redirectTarget(await pressSignOut(here)));
    await until('the provider has said so', async () => !(await isSignedIn(elsewhere)));
    assert.ok(system.events.some(({ type }) => type === 'session-ended-by-provider'));
  });
});
