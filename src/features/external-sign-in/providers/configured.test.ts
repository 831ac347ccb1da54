import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { SettingsError } from '../../../platform/settings/read.ts';
import { effectiveSettings, settingsFromEnvironment, settingsFromOptions } from '../../../read-settings.ts';

const ACME = {
  OIDC_ACME_ISSUER: 'https://id.example.org/realms/one',
  OIDC_ACME_CLIENT_ID: 'latchkey',
  OIDC_ACME_CLIENT_SECRET: 'hunter2hunter2',
};

function read(environment: Readonly<Record<string, string>>) {
  using folder = temporaryFolder();
  return settingsFromEnvironment({ SECRET_KEY, ...environment }, folder.path).providers;
}

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the configured identity providers', () => {
  it('are none by default', () => {
    assert.deepEqual(read({}), []);
  });

  it('are those with both id and secret, and any number with an issuer', () => {
    const second = Object.entries(ACME).map(([name, value]) => [name.replace('ACME', 'MY_CORP'), value]);
    const providers = read({
      ...ACME,
      ...Object.fromEntries(second),
      OIDC_MY_CORP_LABEL: 'My Corporation',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      MICROSOFT_CLIENT_ID: 'id',
      MICROSOFT_CLIENT_SECRET: 'secret',
    });
    assert.deepEqual(
      providers.map(({ name, label }) => [name, label]),
      [
        ['google', 'Google'],
        ['microsoft', 'Microsoft'],
        ['acme', 'acme'],
        ['my-corp', 'My Corporation'],
      ],
    );
  });

  it('can be given as options of the library', () => {
    const { providers } = settingsFromOptions({
      secretKey: SECRET_KEY,
      oidcAcmeIssuer: 'https://id.example.org',
      oidcAcmeClientId: 'latchkey',
      oidcAcmeClientSecret: 'secret',
    });
    assert.deepEqual(
      providers.map(({ name, client }) => [name, client]),
      [['acme', { id: 'latchkey', secret: 'secret' }]],
    );
  });

  it('are reported by setting name if they are invalid, without secrets', () => {
    const { OIDC_ACME_CLIENT_SECRET: _, ...half } = ACME;
    assert.deepEqual(faultsOf(half), [
      'OIDC_ACME_CLIENT_SECRET: is missing; OIDC_ACME_ISSUER, OIDC_ACME_CLIENT_ID and OIDC_ACME_CLIENT_SECRET go together',
    ]);
    assert.deepEqual(faultsOf({ GITHUB_CLIENT_SECRET: 'hunter2' }), [
      'GITHUB_CLIENT_ID: is missing, and GITHUB_CLIENT_SECRET is set; give both',
    ]);
    const wrong = faultsOf({
      ...ACME,
      OIDC_ACME_ISSUER: 'id.example.org',
      OIDC_ACME_CLIENT_SECRET: 'a\nhunter2',
    });
    assert.equal(wrong.length, 2);
    assert.doesNotMatch(wrong.join(), /hunter2/);
    const builtIn = Object.entries(ACME).map(([name, value]) => [name.replace('ACME', 'GITHUB'), value]);
    assert.match(
      faultsOf(Object.fromEntries(builtIn)).join(),
      /^OIDC_GITHUB_ISSUER: has the name of a provider/,
    );
  });

  it('A26: may use http only on loopback, beside a local site', () => {
    const plain = { ...ACME, OIDC_ACME_ISSUER: 'http://127.0.0.1:8080' };
    assert.deepEqual(faultsOf(plain), []);
    const [fault = '', ...more] = faultsOf({ ...plain, BASE_URL: 'https://login.example.org' });
    assert.deepEqual(more, []);
    assert.match(fault, /^OIDC_ACME_ISSUER: .*in the clear/);
    assert.equal(faultsOf({ ...ACME, OIDC_ACME_ISSUER: 'http://id.example.org' }).length, 1);
  });

  it('A57: are shown without their secrets', () => {
    using folder = temporaryFolder();
    const shown = effectiveSettings(ACME, folder.path);
    assert.equal(shown.find(({ name }) => name === 'OIDC_ACME_ISSUER')?.value, ACME.OIDC_ACME_ISSUER);
    assert.equal(shown.find(({ name }) => name === 'OIDC_ACME_CLIENT_SECRET')?.value, '********');
  });

  it('are trusted to verify only addresses of domains known to be theirs', () => {
    const [google, microsoft, acme] = read({
      ...ACME,
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      MICROSOFT_CLIENT_ID: 'id',
      MICROSOFT_CLIENT_SECRET: 'secret',
    }).map(({ isAddressTrusted }) => isAddressTrusted);
    const of = (email: string, hd?: string) => ({
      sub: 'x',
      email,
      email_verified: true,
      ...{ name: undefined, preferred_username: undefined, nickname: undefined, hd, groups: [], roles: [] },
    });
    assert.equal(google?.(of('ada@gmail.com')), true);
    assert.equal(google?.(of('ada@corp.example', 'corp.example')), true);
    assert.equal(google?.(of('ada@elsewhere.example')), false);
    assert.equal(google?.(of('ada@gmail.com.evil.example')), false);
    assert.equal(microsoft?.(of('ada@gmail.com')), false);
    assert.equal(acme?.(of('ada@id.example.org')), false);
  });
});
