import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { acme, CALLBACK, registerWithProvider } from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { startSystem } from '../kit/system.ts';

const SITE = 'http://localhost:3000';

const pairs = {
  'RSA of 2048 bits': () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

describe('client authentication by private_key_jwt', () => {
  for (const [name, make] of Object.entries(pairs))
    it(`works with a certified provider and needs no secret: ${name}`, async () => {
      const { privateKey, publicKey } = make();
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'site key', use: 'sig' };
      await using provider = await startOpenIdProvider(SITE + CALLBACK, {
        token_endpoint_auth_method: 'private_key_jwt',
        // Its types identify a key only by its kind.
        jwks: { keys: [{ kty: '', ...jwk }] },
      });
      const { oidcAcmeClientSecret: _, ...options } = acme(provider, {
        oidcAcmePrivateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
        oidcAcmePrivateKeyId: 'site key',
      });
      await using system = await startSystem(options);
      assert.equal((await registerWithProvider(system.visitor(), provider, 'Ada')).location, '/dashboard');
    });
});
