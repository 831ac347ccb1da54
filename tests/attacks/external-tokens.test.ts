import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acme,
  CLIENT,
  combine,
  type Faults,
  failuresOf,
  goToProvider,
  hs256WithPublicKey,
  identitiesIn,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
  type TokenClaims,
} from '../kit/federation.ts';
import { startSystem } from '../kit/system.ts';
import { isSignedIn, pathTo } from '../kit/visitor.ts';

async function start() {
  const provider = await startTwinProvider();
  const system = await startSystem(acme(provider));
  await registerWithProvider(system.visitor(), provider, 'Ada');
  return combine(provider, system);
}

const having = (changes: TokenClaims): Faults => ({ claims: (right) => ({ ...right, ...changes }) });
const without = (name: string): Faults => ({ claims: ({ [name]: _, ...rest }) => rest });
const seconds = Math.floor(Date.now() / 1_000);

/** The tokens that prove nothing, by the faults that titles name. */
const FAULTS: Readonly<Record<string, Faults>> = {
  'another issuer': having({ iss: 'https://evil.example' }),
  'no issuer': without('iss'),
  'another audience': having({ aud: 'another-client' }),
  'no audience': without('aud'),
  'several audiences and no authorized party': having({ aud: [CLIENT.id, 'another-client'] }),
  'another client as its authorized party': having({
    aud: [CLIENT.id, 'another-client'],
    azp: 'another-client',
  }),
  'another nonce': having({ nonce: 'another' }),
  'no nonce': without('nonce'),
  'an expiry in the past': having({ iat: seconds - 600, exp: seconds - 301 }),
  'an expiry before it was issued': having({ exp: seconds - 301 }),
  'no expiry': without('exp'),
  'no time of issue': without('iat'),
  'a start of validity in the future': having({ nbf: seconds + 600 }),
  'no subject': without('sub'),
  'an empty subject': having({ sub: '' }),
  'a subject that is not a string': having({ sub: 1 }),
  'a subject of 256 characters': having({ sub: 'x'.repeat(256) }),
  'a subject with a control character': having({ sub: 'ada-there\n' }),
  'no algorithm': { header: { alg: 'none' }, signature: () => '' },
  'a signature made with the public key as HMAC secret': {
    header: { alg: 'HS256' },
    signature: hs256WithPublicKey,
  },
  'a signature made with the public key as HMAC secret, although the provider lists HS256': {
    header: { alg: 'HS256' },
    signature: hs256WithPublicKey,
    metadata: { id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] },
  },
  'an invalid signature': { signature: () => Buffer.alloc(256, 1).toString('base64url') },
  'no signature': { signature: () => '' },
  'a duplicate claim': {
    // The right one is last, so a check that uses only the last one would see no fault.
    written: (claims) => claims.replace('{', '{"sub":"somebody-else",'),
  },
  'a key of its own in the header': {
    header: { jku: 'https://evil.example/jwks', jwk: { kty: 'oct', k: 'AAAA' }, kid: 'two' },
  },
};

describe('A25: an ID token', () => {
  for (const [name, faults] of Object.entries(FAULTS)) {
    it(`is rejected with ${name}`, async () => {
      await using started = await start();
      const { provider, system } = started;
      provider.faults = faults;
      // The cached metadata and keys are loaded again.
      system.clock.advance(2 * 60 * 60 * 1_000);
      const ada = system.visitor();
      const answer = await signInWithProvider(ada, provider);
      assert.deepEqual([answer.status, answer.location], [303, '/login']);
      assert.equal(await isSignedIn(ada), false);
      assert.match((await ada.get('/login')).body, /could not be verified/);
      assert.deepEqual(failuresOf(system), [name === 'an expiry in the past' ? 'clock' : 'invalid']);
      assert.equal((await identitiesIn(system)).length, 1);
    });
  }

  it('is rejected with the nonce of a sign-in in another browser', async () => {
    await using started = await start();
    const { provider, system } = started;
    const nonce = (await goToProvider(system.visitor())).searchParams.get('nonce');
    provider.faults = having({ nonce });
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    assert.deepEqual(failuresOf(system), ['invalid']);
  });

  it('is accepted when its audience is a list of only this client', async () => {
    await using started = await start();
    const { provider, system } = started;
    provider.faults = having({ aud: [CLIENT.id], azp: CLIENT.id });
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });
});

describe('A24: the authorization response of an identity provider', () => {
  it('is rejected when it names another issuer, or none although it should', async () => {
    await using started = await start();
    const { provider, system } = started;
    for (const answeredIssuer of ['https://evil.example', `${provider.origin}/`, '', null]) {
      provider.faults = { answeredIssuer };
      assert.equal(
        (await signInWithProvider(system.visitor(), provider)).location,
        '/login',
        String(answeredIssuer),
      );
    }
  });

  it('is rejected at the callback of another provider', async () => {
    await using honest = await startTwinProvider();
    await using other = await startTwinProvider();
    const more = {
      oidcEvilIssuer: other.origin,
      oidcEvilClientId: CLIENT.id,
      oidcEvilClientSecret: CLIENT.secret,
    };
    await using system = await startSystem(acme(honest, more));
    const ada = system.visitor();
    const back = honest.signIn(await goToProvider(ada, 'acme'));
    const mixedUp = new URL(back);
    mixedUp.pathname = '/oauth/evil/callback';
    assert.equal((await returnFromProvider(ada, mixedUp)).location, '/login');
    assert.deepEqual([failuresOf(system), other.asked.includes('/token')], [['unknown-state'], false]);
    assert.equal(
      pathTo(await returnFromProvider(ada, back)),
      '/register/connected',
      'the right one still is',
    );
  });

  it('is not requested when the metadata names another issuer', async () => {
    await using provider = await startTwinProvider();
    provider.faults = { metadata: { issuer: 'https://evil.example' } };
    await using system = await startSystem(acme(provider));
    const ada = system.visitor();
    const answer = await ada.post('/oauth/acme', { csrf: await ada.token('/login') });
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.deepEqual(failuresOf(system), ['invalid']);
  });
});

describe('A22: the identity of a user at an identity provider', () => {
  it('consists of the issuer and the subject, whatever email address comes with them', async () => {
    await using started = await start();
    const { provider, system } = started;
    provider.profile = { sub: 'ada-there', email: 'new@example.org', preferred_username: 'somebody-else' };
    const ada = system.visitor();
    assert.equal((await signInWithProvider(ada, provider)).location, '/dashboard');
    assert.equal(JSON.parse((await ada.get('/api/session')).body).user.username, 'Ada');
  });

  it('differs from the identity with the same subject at another issuer', async () => {
    await using started = await start();
    await using other = await startTwinProvider();
    const elsewhere = {
      oidcEvilIssuer: other.origin,
      oidcEvilClientId: CLIENT.id,
      oidcEvilClientSecret: CLIENT.secret,
    };
    await using system = await startSystem(acme(started.provider, elsewhere));
    await registerWithProvider(system.visitor(), started.provider, 'Ada');
    const eve = system.visitor();
    assert.equal(pathTo(await signInWithProvider(eve, other, 'evil')), '/register/connected');
  });

  it('is not taken from user info about another subject', async () => {
    await using started = await start();
    const { provider, system } = started;
    provider.profile = { sub: 'eve-there' };
    provider.faults = { userInfo: { sub: 'ada-there', email: 'ada@example.org', email_verified: true } };
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    assert.deepEqual(failuresOf(system), ['invalid']);
  });
});
