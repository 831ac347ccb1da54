import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import {
  acme,
  CLIENT,
  combine,
  failuresOf,
  goToProvider,
  registerWithProvider,
  signInWithProvider,
  startProviderServer,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';

/** The timeout for a provider that does not respond, in milliseconds: long enough for one that does on a busy machine. */
const IMPATIENT = 1_000;

type Resolve = (
  hostname: string,
  options: unknown,
  done: (error: null, addresses: LookupAddress[]) => void,
) => void;

/** A site of the public network, whose names resolve as a test says. */
function startPublicSite(issuer: string, addresses: readonly (string | LookupAddress)[], more = {}) {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _, done) => {
    asked.push(hostname);
    const found = addresses.map((one) =>
      typeof one === 'string' ? { address: one, family: one.includes(':') ? 6 : 4 } : one,
    );
    // As a name server responds: asynchronously.
    setImmediate(done, null, found);
  };
  const options = {
    baseUrl: 'https://login.example.org',
    oidcAcmeIssuer: issuer,
    oidcAcmeClientId: CLIENT.id,
    oidcAcmeClientSecret: CLIENT.secret,
    ...more,
  };
  return startSystem(options, undefined, { identityProviders: { timeout: IMPATIENT, resolve } }).then(
    (system) => ({
      system,
      asked,
    }),
  );
}

async function press(system: TestSystem) {
  const visitor = system.visitor();
  return visitor.post('/oauth/acme', { csrf: await visitor.token('/login') });
}

function codesOf({ events }: TestSystem): readonly (string | null)[] {
  return events.flatMap((event) => (event.type === 'provider-failed' ? [event.code ?? null] : []));
}

const INSIDE = [
  '127.0.0.1',
  '10.0.0.8',
  '169.254.169.254',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::ffff:127.0.0.1',
  'fd00::1',
  'fe80::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
];

describe('A26: the address of an identity provider', () => {
  for (const address of INSIDE) {
    it(`is not requested when its host name resolves to the internal address ${address}`, async () => {
      const { system, asked } = await startPublicSite('https://id.example.org', [address]);
      await using _ = system;
      assert.equal((await press(system)).location, '/login');
      assert.deepEqual(failuresOf(system), ['unavailable']);
      assert.deepEqual(codesOf(system), ['address-not-public']);
      assert.deepEqual(asked, ['id.example.org']);
    });

    it(`is not requested when its host is the internal address ${address}`, async () => {
      const host = address.includes(':') ? `[${address}]` : address;
      const { system, asked } = await startPublicSite(`https://${host}`, ['192.0.2.1']);
      await using _ = system;
      assert.equal((await press(system)).location, '/login');
      assert.deepEqual(codesOf(system), ['address-not-public']);
      assert.deepEqual(asked, []);
    });
  }

  it('is requested only at a public IP address when its host name also resolves to an internal one', async () => {
    // A public address to which no packet is sent: an IPv4 address cannot be connected to as an IPv6 address.
    const unreachable = { address: '1.1.1.1', family: 6 };
    const inside = { address: '127.0.0.1', family: 4 };
    for (const found of [
      [inside, unreachable],
      [unreachable, inside],
    ]) {
      const { system } = await startPublicSite('https://id.example.org:1', found);
      await using _ = system;
      await press(system);
      assert.deepEqual(codesOf(system), ['EINVAL']);
    }
  });

  it('is requested on the internal network when the operator says that the provider is there', async () => {
    const inside = { oidcAcmeNetwork: 'inside' };
    const { system } = await startPublicSite('https://127.0.0.1:1', ['127.0.0.1'], inside);
    await using _ = system;
    await press(system);
    assert.deepEqual(codesOf(system), ['ECONNREFUSED']);
  });
});

async function startWithAda() {
  const provider = await startTwinProvider();
  const system = await startSystem(acme(provider), undefined, { identityProviders: { timeout: IMPATIENT } });
  await registerWithProvider(system.visitor(), provider, 'Ada');
  return combine(provider, system);
}

type Answering = (response: ServerResponse) => void;

/** The faults of an endpoint, and their names in titles. */
const MISBEHAVIOUR: Readonly<Record<string, readonly [Answering, reason: string]>> = {
  'that never answers': [() => {}, 'unavailable'],
  'that never completes its answer': [(response) => void response.write('{"access_token":"'), 'unavailable'],
  'that closes the connection': [(response) => response.destroy(), 'unavailable'],
  'that answers endlessly': [(response) => flood(response), 'unavailable'],
  'that answers with status 500': [(response) => response.writeHead(500).end('oops'), 'unavailable'],
  'that redirects': [(response) => response.writeHead(302, { location: '/elsewhere' }).end(), 'invalid'],
  'that answers in HTML': [
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    'invalid',
  ],
  'that answers with null': [
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('null'),
    'invalid',
  ],
};

function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = () => {
    while (!response.destroyed && response.write(' '.repeat(64 * 1024)));
  };
  response.on('drain', more);
  more();
}

describe('an identity provider', () => {
  for (const [name, [answer, reason]] of Object.entries(MISBEHAVIOUR)) {
    it(`${name} at its token endpoint does not sign the user in, and the login page still works`, async () => {
      await using started = await startWithAda();
      const { provider, system } = started;
      provider.faults = { at: { '/token': answer } };
      await failsWith(system, provider, reason);
    });

    it(`${name} at its key endpoint does not sign the user in, and the login page still works`, async () => {
      await using started = await startWithAda();
      const { provider } = started;
      // A node of its own, which has not loaded the keys yet.
      await using system = await startSystem(acme(provider), undefined, {
        identityProviders: { timeout: IMPATIENT },
      });
      provider.faults = { at: { '/jwks': answer } };
      await failsWith(system, provider, reason);
    });
  }

  it('that is unavailable when its metadata expires is still used with the known metadata', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    system.clock.advance(2 * HOUR);
    provider.faults = { at: { '/.well-known/openid-configuration': (response) => response.destroy() } };
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });

  it('that is unavailable leads to a page that says so, and the password still works', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    await provider.stop();
    const visitor = system.visitor();
    await visitor.register('Ada', 'nine copper kettles sing');
    const answer = await visitor.post('/oauth/acme', { csrf: await visitor.token('/login') });
    assert.equal(answer.location, '/login');
    assert.match((await visitor.get('/login')).body, /does not answer at the moment/);
    assert.equal((await visitor.signIn('Ada', 'nine copper kettles sing')).location, '/dashboard');
  });

  it('is refused when its authorization endpoint is not a web address', async () => {
    await using provider = await startTwinProvider();
    for (const authorization_endpoint of ['javascript:alert(1)', 'data:text/html,x', 'ftp://x', 'nowhere']) {
      provider.faults = { metadata: { authorization_endpoint } };
      await using system = await startSystem(acme(provider));
      assert.equal((await press(system)).location, '/login', authorization_endpoint);
    }
  });

  it('is asked for its metadata once when a hundred sign-ins begin at once', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    await Promise.all(Array.from({ length: 100 }, () => goToProvider(system.visitor())));
    assert.deepEqual(provider.asked, ['/.well-known/openid-configuration']);
  });

  it('A26: cannot make the system fetch the picture of a user', async () => {
    await using pictures = await startProviderServer(() => (_, response) => response.end());
    await using started = await startWithAda();
    const { provider, system } = started;
    provider.profile = {
      sub: 'new-there',
      picture: `${pictures.origin}/me.png`,
      profile: `${pictures.origin}/me`,
    };
    await registerWithProvider(system.visitor(), provider, 'Ben');
    assert.deepEqual(pictures.asked, []);
  });
});

async function failsWith(system: TestSystem, provider: TwinProvider, reason: string): Promise<void> {
  const visitor = system.visitor();
  assert.equal((await signInWithProvider(visitor, provider)).location, '/login');
  assert.deepEqual(failuresOf(system), [reason]);
  assert.equal((await visitor.get('/login')).status, 200);
  assert.equal((await visitor.get('/api/session')).status, 401);
}
