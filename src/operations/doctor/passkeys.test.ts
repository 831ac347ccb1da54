import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenSettings } from '../../read-settings.ts';
import { reportFor } from './findings.ts';
import { checkPasskeys } from './passkeys.ts';

const LOGIN = { BASE_URL: 'https://login.example.org', SECRET_KEY: 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu' };

const check = (environment: Record<string, string>) =>
  checkPasskeys(givenSettings({ ...LOGIN, ...environment }, '/nowhere'), reportFor('passkeys'));

describe('the doctor’s check of passkeys', () => {
  it('passes the host of the site and a parent domain of it', () => {
    for (const PASSKEY_RP_ID of ['login.example.org', 'example.org'])
      assert.deepEqual(check({ PASSKEY_RP_ID }), {
        check: 'passkeys',
        verdict: 'ok',
        what: `are for ${PASSKEY_RP_ID}`,
      });
    assert.equal(check({}).what, 'are for login.example.org');
    assert.equal(check({ PASSKEYS: 'off' }).what, 'are off');
  });

  it('finds an RP ID that browsers refuse', () => {
    for (const PASSKEY_RP_ID of ['example.net', 'ample.org', 'org', 'www.login.example.org'])
      assert.equal(check({ PASSKEY_RP_ID }).verdict, 'fault', PASSKEY_RP_ID);
  });

  it('warns about a site without a domain, and about related origins that the parent domain has to publish', () => {
    assert.equal(check({ BASE_URL: 'https://192.0.2.1' }).verdict, 'warning');
    const related = { PASSKEY_RP_ID: 'example.org', PASSKEY_ORIGINS: 'https://example.net' };
    assert.match(JSON.stringify(check(related)), /https:\/\/example.org\/.well-known\/webauthn/);
    assert.equal(check({ PASSKEY_ORIGINS: 'https://example.net' }).verdict, 'ok');
  });
});
