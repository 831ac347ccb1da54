import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CLIENT,
  goToProvider,
  identitiesIn,
  redirectTarget,
  returnFromProvider,
  rolesOf,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import {
  type HttpProxy,
  type SecureFront,
  startHttpProxy,
  startSecureFront,
  trustedIdentity,
} from '../kit/http-proxy.ts';
import { PROVIDER_SHAPES, type ProviderShape, type Refusal } from '../kit/provider-shapes.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { pathTo, type Visitor } from '../kit/visitor.ts';

let twin: TwinProvider;
let front: SecureFront;
let proxy: HttpProxy;

// One server is all of them, under their own names behind a proxy.
before(async () => {
  const hosts = [...new Set(Object.values(PROVIDER_SHAPES).flatMap((shape) => shape.hosts))];
  twin = await startTwinProvider();
  front = await startSecureFront(await trustedIdentity(...hosts), twin.origin);
  proxy = await startHttpProxy();
  for (const host of hosts) proxy.routes.set(`${host}:443`, front.port);
});

after(async () => {
  for (const server of [proxy, front, twin]) await server[Symbol.asyncDispose]();
});

function start(shape: ProviderShape): Promise<TestSystem> {
  Object.assign(twin, { profile: shape.profile, faults: shape.faults });
  const options = {
    baseUrl: 'https://login.example.org',
    email: 'optional',
    httpsProxy: proxy.url,
    ...shape.settings,
  } as const;
  const resolve = (
    _name: string,
    _options: unknown,
    done: (error: NodeJS.ErrnoException | null, found: []) => void,
  ) => setImmediate(done, Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
  return startSystem(options, undefined, { identityProviders: { timeout: 20_000, resolve } });
}

/** Comes back as the provider sends users back. */
async function comeBack(system: TestSystem, visitor: Visitor, shape: ProviderShape, back: URL) {
  if (shape.isFormPost !== true) return returnFromProvider(visitor, back);
  const forwarded = await system.fetch(
    new Request(back.origin + back.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `https://${shape.hosts[0]}` },
      body: String(back.searchParams),
    }),
  );
  return returnFromProvider(visitor, new URL(String(forwarded.headers.get('location')), back));
}

async function signIn(system: TestSystem, visitor: Visitor, shape: ProviderShape) {
  return comeBack(system, visitor, shape, twin.signIn(await goToProvider(visitor, shape.name)));
}

async function refuse(system: TestSystem, shape: ProviderShape, refusal: Refusal) {
  const visitor = system.visitor();
  const back = twin.signIn(await goToProvider(visitor, shape.name));
  back.searchParams.delete('code');
  back.searchParams.delete('iss');
  for (const [name, value] of Object.entries(refusal)) back.searchParams.set(name, value);
  assert.equal((await comeBack(system, visitor, shape, back)).location, '/login');
  const failure = system.events.findLast(({ type }) => type === 'provider-failed');
  return failure?.type === 'provider-failed' ? [failure.reason, failure.code] : null;
}

const proposalOf = (body: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(body)?.[1] ?? '';

for (const [title, shape] of Object.entries(PROVIDER_SHAPES))
  describe(`a provider like ${title}`, () => {
    it('signs users in, who register once and are known when they come back', async () => {
      await using system = await start(shape);
      const ada = system.visitor();
      const answer = await signIn(system, ada, shape);
      const problems = system.logLines.filter((line) => line.includes('provider-failed')).join('');
      assert.equal(pathTo(answer), '/register/connected', problems);
      const { body } = await ada.get('/register/connected');
      assert.deepEqual(
        { username: proposalOf(body, 'username'), email: proposalOf(body, 'email') },
        shape.proposes,
      );
      assert.equal(/Your address: <bdi>([^<]*)<\/bdi>/.exec(body)?.[1], shape.confirms);
      await ada.submit('/register/connected', { username: 'Ada', email: '' });
      const again = system.visitor();
      assert.equal((await signIn(system, again, shape)).location, '/dashboard');
      assert.deepEqual(await rolesOf(again), shape.roles);
      const [{ subject } = { subject: '' }] = await identitiesIn(system);
      assert.equal(subject, shape.profile['sub'] ?? subject);
    });

    it('distinguishes a user who cancels from one who is refused', async () => {
      await using system = await start(shape);
      const { cancels, refuses } = shape;
      assert.deepEqual(await refuse(system, shape, cancels), ['cancelled', cancels.error]);
      if (refuses === undefined) return;
      const reason = refuses.error === 'temporarily_unavailable' ? 'unavailable' : 'refused';
      assert.deepEqual(await refuse(system, shape, refuses), [reason, refuses.error]);
    });
  });

describe('the provider Microsoft', () => {
  it('A65 is refused when its metadata is not of the tenant in the settings', async () => {
    const shape = PROVIDER_SHAPES['Microsoft, one tenant by its domain'];
    const all = PROVIDER_SHAPES['Microsoft, all tenants'];
    assert.ok(shape !== undefined && all !== undefined);
    for (const [microsoftTenant, { faults }] of [
      ['contoso.example', all],
      ['consumers', all],
      ['11111111-2222-3333-4444-555555555555', shape],
      ['11111111-2222-3333-4444-555555555555', all],
    ] as const) {
      const settings = { ...shape.settings, microsoftTenant };
      await using system = await start({ ...shape, settings, faults });
      const visitor = system.visitor();
      const answer = await visitor.post('/oauth/microsoft', { csrf: await visitor.token('/login') });
      assert.equal(answer.location, '/login', microsoftTenant);
      const codes = system.events.flatMap((event) => (event.type === 'provider-failed' ? [event.code] : []));
      assert.deepEqual(codes, ['issuer-differs'], microsoftTenant);
    }
  });

  it('P39 is known by every address that stands for one tenant', async () => {
    const shape = PROVIDER_SHAPES['Microsoft, one tenant by its domain'];
    assert.ok(shape !== undefined);
    const host = 'https://login.microsoftonline.com';
    const tenant = '8eaef023-2b34-4da1-9baa-8bc8c9d6a490';
    for (const oidcAcmeIssuer of [
      `${host}/${tenant}/v2.0`,
      `${host}/${tenant.toUpperCase()}/v2.0/`,
      `${host}/${tenant}/v2.0/.well-known/openid-configuration`,
      `${host}/contoso.onmicrosoft.com/v2.0`,
    ]) {
      const client = { oidcAcmeClientId: CLIENT.id, oidcAcmeClientSecret: CLIENT.secret };
      const acme = { ...shape, name: 'acme', settings: { oidcAcmeIssuer, ...client } };
      await using system = await start(acme);
      const answer = await signIn(system, system.visitor(), acme);
      assert.equal(pathTo(answer), '/register/connected', oidcAcmeIssuer);
    }
  });

  it('A65 admits no user of another tenant, whatever the token claims', async () => {
    const shape = PROVIDER_SHAPES['Microsoft, one tenant by its domain'];
    assert.ok(shape !== undefined);
    await using system = await start(shape);
    const other = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';
    twin.faults = { ...shape.faults, claims: (right) => ({ ...right, iss: other }) };
    const visitor = system.visitor();
    const back = twin.signIn(
      redirectTarget(await visitor.post('/oauth/microsoft', { csrf: await visitor.token('/login') })),
    );
    assert.equal((await returnFromProvider(visitor, back)).location, '/login');
  });
});
