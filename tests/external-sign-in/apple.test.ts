import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { SettingsError } from '../../src/platform/settings/read.ts';
import { settingsFromOptions } from '../../src/read-settings.ts';
import { goToProvider, returnFromProvider, startTwinProvider } from '../kit/federation.ts';
import { SECRET_KEY, startSystem } from '../kit/system.ts';
import { pathTo } from '../kit/visitor.ts';

const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const PEM = String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const CLIENT_ID = 'latchkey-client';
const ALL = { appleClientId: CLIENT_ID, appleTeamId: 'TEAM', appleKeyId: 'KEY', applePrivateKey: PEM };

function configured(options: Readonly<Record<string, string>>) {
  return settingsFromOptions({ secretKey: SECRET_KEY, ...options }).providers;
}

describe('sign-in with Apple', () => {
  it('presents a client secret that is signed with the key and valid for five minutes', () => {
    for (const applePrivateKey of [PEM, PEM.replaceAll('\n', '\\n')]) {
      const [provider] = configured({ ...ALL, applePrivateKey });
      assert.ok(provider !== undefined && 'secret' in provider.client);
      const { secret } = provider.client;
      assert.ok(typeof secret === 'function');
      const [header = '', claims = '', signature = ''] = secret().split('.');
      const key = { key: keys.publicKey, dsaEncoding: 'ieee-p1363' } as const;
      const signed = Buffer.from(`${header}.${claims}`);
      assert.equal(verify('sha256', signed, key, Buffer.from(signature, 'base64url')), true);
      const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
      assert.deepEqual(read(header), { alg: 'ES256', kid: 'KEY' });
      const { iat, exp, ...rest } = read(claims);
      assert.deepEqual(rest, { iss: 'TEAM', sub: CLIENT_ID, aud: 'https://appleid.apple.com' });
      assert.equal(exp - iat, 300);
    }
  });

  it('needs all four settings and a usable key, or none of them', () => {
    assert.deepEqual(configured({}), []);
    const { applePrivateKey: _, ...half } = ALL;
    assert.throws(() => configured(half), /^SettingsError: APPLE_PRIVATE_KEY: is missing/);
    const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    assert.throws(() => configured({ ...ALL, applePrivateKey: String(other) }), SettingsError);
  });

  it('returns by form post, and proposes an address that is verified by the string “true”', async () => {
    await using twin = await startTwinProvider();
    const [real] = configured(ALL);
    assert.ok(real !== undefined);
    const client = { id: CLIENT_ID, secret: 'a secret between two sites' };
    const provider = {
      ...real,
      client,
      protocol: { kind: 'openid-connect', issuer: new URL(twin.origin) },
    } as const;
    await using system = await startSystem({}, undefined, { identityProviders: { providers: [provider] } });
    twin.profile = { sub: 'ada-there', email: 'x@privaterelay.appleid.com', email_verified: 'true' };
    const ada = system.visitor();
    const asked = await goToProvider(ada, 'apple');
    assert.equal(asked.searchParams.get('response_mode'), 'form_post');
    const back = twin.signIn(asked);
    const answer = await system.fetch(
      new Request(back.origin + back.pathname, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://appleid.apple.com' },
        body: `${back.searchParams}&user=${encodeURIComponent('{"name":{"firstName":"Ada"}}')}`,
      }),
    );
    const location = String(answer.headers.get('location'));
    assert.doesNotMatch(location, /Ada/);
    assert.equal(pathTo(await returnFromProvider(ada, new URL(location, back))), '/register/connected');
    const { body } = await ada.get('/register/connected');
    assert.match(body, /name="email"[^>]*value="x@privaterelay\.appleid\.com"/);
  });
});
