import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { startSquid } from '../../scripts/provide/squid.ts';
import { CLIENT, registerWithProvider, startTwinProvider } from '../kit/federation.ts';
import { callItself, startSecureFront, trustedIdentity } from '../kit/http-proxy.ts';
import { startSystem } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';

const HOST = 'id.example.org';

/** The line that docs/deploy.md gives, and a user whose password is not kept in the clear. */
const rules = (port: number) => (write: (name: string, text: string) => string) => {
  const hosts = write('hosts', `127.0.0.1 ${HOST}\n10.0.0.8 inside.example.org\n`);
  const users = write('users', `ada:${createHash('md5').update('p@ss:word').digest('hex')}\n`);
  return `
    http_port 127.0.0.1:${port}
    hosts_file ${hosts}
    auth_param basic program /usr/lib/squid/basic_ncsa_auth ${users}
    acl known proxy_auth REQUIRED
    acl providers dstdomain .example.org .example.invalid
    acl inside dst 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7
    http_access deny inside
    http_access deny !providers
    http_access allow known
    http_access deny all`;
};

describe('Squid as the only way out', () => {
  it('P40: leads users to a provider, and what it refuses is logged by its kind', async () => {
    await using stack = new AsyncDisposableStack();
    const identity = await trustedIdentity(HOST);
    const provider = stack.use(await startTwinProvider());
    const front = stack.use(await startSecureFront(identity, provider.origin));
    const port = await freePort();
    const squid = await startSquid(rules(port));
    stack.defer(squid.stop);
    const resolve = (_: string, __: unknown, done: (error: Error, found: []) => void) =>
      done(Object.assign(new Error('no name server'), { code: 'ENOTFOUND' }), []);
    const start = async (issuer: string, user: string) =>
      startSystem(
        {
          baseUrl: 'https://login.example.org',
          httpsProxy: `http://${user}127.0.0.1:${port}`,
          oidcAcmeIssuer: issuer,
          oidcAcmeClientId: CLIENT.id,
          oidcAcmeClientSecret: CLIENT.secret,
        },
        undefined,
        { identityProviders: { timeout: 20_000, resolve } },
      );
    const issuer = `https://${HOST}:${front.port}`;
    callItself(provider, issuer);
    const ada = 'ada:p%40ss%3Aword@';
    await using system = await start(issuer, ada);
    const visitor = system.visitor();
    await registerWithProvider(visitor, provider, 'Ada');
    assert.equal((await visitor.get('/api/session')).status, 200, squid.output());
    for (const [other, user, code] of [
      [issuer, '', 'proxy-authentication-required'],
      [issuer, 'ada:wrong@', 'proxy-authentication-required'],
      ['https://accounts.example.net', ada, 'proxy-refused'],
      ['https://inside.example.org', ada, 'proxy-refused'],
      ['https://nowhere.example.invalid', ada, 'address-not-public'],
      [`https://${HOST}:${await freePort()}`, ada, 'proxy-failed'],
    ] as const) {
      await using refused = await start(other, user);
      const browser = refused.visitor();
      await browser.post('/oauth/acme', { csrf: await browser.token('/login') });
      const codes = refused.events.flatMap((event) => (event.type === 'provider-failed' ? [event.code] : []));
      assert.deepEqual(codes, [code], `${other} as ${user}`);
    }
  });
});
