import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { after, before, describe, it } from 'node:test';
import { startRangeApi } from '../kit/breached-passwords.ts';
import { CLIENT, registerWithProvider, startTwinProvider, type TwinProvider } from '../kit/federation.ts';
import {
  callItself,
  type HttpProxy,
  type Identity,
  type SecureFront,
  startHttpProxy,
  startSecureFront,
  trustedIdentity,
} from '../kit/http-proxy.ts';
import { startSystem, type TestOptions, type TestSystem } from '../kit/system.ts';

const HOST = 'id.example.org';
const ISSUER = `https://${HOST}`;
const USER = 'proxyuser:proxypass';

/** What this machine knows of names; null for a name server that knows none. */
type Names = Readonly<Record<string, readonly string[]>>;

function resolveWith(names: Names) {
  return (
    hostname: string,
    _: unknown,
    done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
  ) => {
    const found = (names[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const unknown = found.length === 0 ? Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }) : null;
    setImmediate(done, unknown, found);
  };
}

function startBehind(proxy: HttpProxy, names: Names = {}, more: TestOptions = {}) {
  const options = {
    baseUrl: 'https://login.example.org',
    httpsProxy: proxy.url.replace('//', `//${USER}@`),
    oidcAcmeIssuer: ISSUER,
    oidcAcmeClientId: CLIENT.id,
    oidcAcmeClientSecret: CLIENT.secret,
    ...more,
  };
  return startSystem(options, undefined, {
    identityProviders: { timeout: 20_000, resolve: resolveWith(names) },
  });
}

async function press(system: TestSystem) {
  const visitor = system.visitor();
  return visitor.post('/oauth/acme', { csrf: await visitor.token('/login') });
}

function codesOf({ events }: TestSystem): readonly (string | null)[] {
  return events.flatMap((event) => (event.type === 'provider-failed' ? [event.code ?? null] : []));
}

describe('a site whose only way out is a proxy', () => {
  let identity: Identity;
  let provider: TwinProvider;
  let front: SecureFront;
  before(async () => {
    identity = await trustedIdentity(HOST, 'hibp.example.org');
    provider = await startTwinProvider();
    callItself(provider, ISSUER);
    front = await startSecureFront(identity, provider.origin);
  });
  after(async () => {
    await front[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  const startLeading = async () => {
    const proxy = await startHttpProxy();
    proxy.routes.set(`${HOST}:443`, front.port);
    return proxy;
  };
  const targets = ({ asked }: HttpProxy) => [...new Set(asked.map(({ target }) => target))];

  it('P40: signs users in with a provider through it, also where this machine can resolve no names', async () => {
    for (const names of [{}, { [HOST]: ['1.1.1.1'] }]) {
      await using proxy = await startLeading();
      await using system = await startBehind(proxy, names);
      const visitor = system.visitor();
      await registerWithProvider(visitor, provider, 'Ada');
      assert.equal((await visitor.get('/api/session')).status, 200, system.logLines.join('\n'));
      assert.deepEqual(targets(proxy), [`${HOST}:443`]);
      assert.doesNotMatch(system.logLines.join('\n'), /proxypass|cHJveHl1c2Vy/, 'A56: no secret is logged');
    }
  });

  it('P40: asks the service for breached passwords through it', async () => {
    await using api = await startRangeApi();
    await using apiFront = await startSecureFront(identity, api.url.origin);
    await using proxy = await startHttpProxy();
    proxy.routes.set('hibp.example.org:443', apiFront.port);
    const hibp = { breachedPasswords: 'hibp', hibpUrl: 'https://hibp.example.org' } as const;
    await using system = await startBehind(proxy, {}, hibp);
    api.known.add('nine copper kettles sing');
    const answer = await system.visitor().register('Ada', 'nine copper kettles sing');
    assert.equal(answer.status, 422);
    assert.equal(api.requests.length, 1);
    proxy.answer = 407;
    await system.visitor().register('Ben', 'seven paper boats at dusk');
    const reasons = system.events.flatMap(({ type, reason }) =>
      type === 'breach-check-failed' ? [reason] : [],
    );
    assert.deepEqual(reasons, ['proxy-authentication-required']);
  });

  it('P40: logs what the proxy did if it does not lead to the provider', async () => {
    await using proxy = await startLeading();
    await using system = await startBehind(proxy);
    for (const status of [407, 403, 502]) {
      proxy.answer = status;
      await press(system);
    }
    await proxy[Symbol.asyncDispose]();
    await press(system);
    assert.deepEqual(codesOf(system), [
      'proxy-authentication-required',
      'proxy-refused',
      'proxy-failed',
      'proxy-unreachable',
    ]);
    assert.doesNotMatch(system.logLines.join('\n'), /proxypass|cHJveHl1c2Vy/);
  });

  it('does without it for what NO_PROXY names', async () => {
    await using proxy = await startLeading();
    await using system = await startBehind(proxy, {}, { noProxy: ['.example.org:443'] });
    await press(system);
    assert.deepEqual([codesOf(system), proxy.asked], [['ENOTFOUND'], []]);
  });

  it('A26: does not let it lead to an internal address or name that the metadata of a provider names', async () => {
    const INSIDE: readonly (readonly [host: string, addresses: readonly string[]])[] = [
      ['10.0.0.8', []],
      ['169.254.169.254', []],
      ['[fd00::1]', []],
      ['[::ffff:10.0.0.8]', []],
      ['2130706433', []],
      ['0x7f.1', []],
      ['intranet', []],
      ['intranet.', []],
      ['metadata.google.internal', []],
      ['Vault.CORP', []],
      ['vault.svc.cluster.local', []],
      ['router.home.arpa', []],
      ['kubernetes.default.svc', []],
      ['10.0.0.8.nip.io', []],
      ['app-192-168-1-1.sslip.io', []],
      ['inside.example.net', ['10.0.0.8']],
      ['rebound.example.net', ['1.1.1.1', '192.168.1.1']],
      ['mapped.example.net', ['::ffff:127.0.0.1']],
    ];
    await using proxy = await startLeading();
    const names = Object.fromEntries([...INSIDE, [HOST, ['1.1.1.1']] as const]);
    for (const [host] of INSIDE) {
      proxy.routes.set(`${host}:443`, front.port);
      callItself(provider, ISSUER);
      const metadata = { ...provider.faults.metadata, token_endpoint: `https://${host}/token` };
      provider.faults = { ...provider.faults, metadata };
      await using system = await startBehind(proxy, names);
      await registerWithProvider(system.visitor(), provider, 'Ada').catch(() => {});
      assert.deepEqual(codesOf(system), ['address-not-public'], host);
    }
    callItself(provider, ISSUER);
    assert.deepEqual(targets(proxy), [`${HOST}:443`], 'the proxy is not even asked');
  });

  it('A26: lets it lead inside if the operator says that the provider is there', async () => {
    await using proxy = await startLeading();
    const inside = { oidcAcmeIssuer: 'https://id.corp', oidcAcmeNetwork: 'inside' } as const;
    await using system = await startBehind(proxy, {}, inside);
    await press(system);
    assert.deepEqual(targets(proxy), ['id.corp:443']);
  });

  it('follows the environment of the process in the library too, unless an option says otherwise', async (test) => {
    await using proxy = await startLeading();
    await using other = await startLeading();
    const before = process.env['https_proxy'];
    test.after(() => {
      if (before === undefined) delete process.env['https_proxy'];
      else process.env['https_proxy'] = before;
    });
    process.env['https_proxy'] = proxy.url;
    await using byEnvironment = await startBehind(other, {}, { httpsProxy: undefined });
    await using byOption = await startBehind(other);
    await using direct = await startBehind(other, {}, { httpsProxy: undefined, noProxy: '*' });
    for (const system of [byEnvironment, byOption, direct]) await press(system);
    assert.deepEqual([proxy.asked.length, other.asked.length], [1, 1]);
    assert.deepEqual(codesOf(direct), ['ENOTFOUND']);
  });
});
