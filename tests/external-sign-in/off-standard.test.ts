import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { HOUR } from '../../src/platform/runtime/index.ts';
import {
  acme,
  authorizationRequestsIn,
  CLIENT,
  combine,
  type Faults,
  goToProvider,
  identitiesIn,
  providerTokenOf,
  redirectTarget,
  registerWithProvider,
  returnFromProvider,
  rolesOf,
  STORED_TOKENS,
  signInWithProvider,
  startGithubTwin,
  startTwinProvider,
  type TokenClaims,
} from '../kit/federation.ts';
import { startSystem, type TestOptions, type TestSystem } from '../kit/system.ts';
import { ADA, isSignedIn, pathTo } from '../kit/visitor.ts';

type Logged = Readonly<Record<string, unknown>>;

/** The log records about providers. */
function loggedBy({ logLines }: TestSystem): readonly Logged[] {
  return logLines
    .map((line): Logged => JSON.parse(line))
    .filter(({ event }) => String(event).startsWith('provider-'));
}

/** The last of them. */
function lastLogged(system: TestSystem): Logged {
  return loggedBy(system).at(-1) ?? {};
}

const causeOf = (system: TestSystem) => {
  const { reason, code } = lastLogged(system);
  return [reason, code];
};

const answer =
  (body: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

async function startWithTwin(more: TestOptions = {}) {
  const provider = await startTwinProvider();
  return combine(provider, await startSystem(acme(provider, more)));
}

/** The same, with Ada, whom the provider knows. */
async function startWithAda(more: TestOptions = {}) {
  const started = await startWithTwin(more);
  await registerWithProvider(started.system.visitor(), started.provider, 'Ada');
  return started;
}

/** The error responses of a provider, and what each is. */
const ERRORS: readonly (readonly [
  error: string,
  description: string,
  reason: string,
  code: string | null,
])[] = [
  ['access_denied', '', 'cancelled', 'access_denied'],
  ['Access_Denied', 'The user said no', 'cancelled', 'Access_Denied'],
  ['Access Denied', '', 'cancelled', 'Access-Denied'],
  ['user_cancelled_authorize', '', 'cancelled', 'user_cancelled_authorize'],
  ['user_canceled_login', '', 'cancelled', 'user_canceled_login'],
  ['USER-CANCELLED', '', 'cancelled', 'USER-CANCELLED'],
  ['user_denied', '', 'cancelled', 'user_denied'],
  ['login.cancelled', '', 'cancelled', 'login.cancelled'],
  ['consent_required', 'AADSTS65004: declined', 'cancelled', 'consent_required'],
  ['access_denied', 'AADB2C90091: The user has cancelled', 'cancelled', 'access_denied'],
  ['access_denied', 'AADSTS50105: no role', 'refused', 'access_denied'],
  ['access_denied', 'User is not assigned to the client application.', 'refused', 'access_denied'],
  ['consent_required', '', 'refused', 'consent_required'],
  ['interaction_required', 'AADSTS65001: no consent', 'refused', 'interaction_required'],
  ['access_denied_by_policy', '', 'refused', 'access_denied_by_policy'],
  ['AADSTS700016', '', 'refused', 'AADSTS700016'],
  ['Error.Code-17', '', 'refused', 'Error.Code-17'],
  ['unauthorized', 'user is blocked', 'refused', 'unauthorized'],
  ['server_error', 'try later', 'unavailable', 'server_error'],
  ['Temporarily_Unavailable', '', 'unavailable', 'Temporarily_Unavailable'],
  ['§', '', 'refused', null],
];

describe('an error response of a provider', () => {
  it('P30 P31 has its reason, code and description in the log, with a state and without, in a form and without `iss`', async () => {
    await using started = await startWithTwin();
    const { system } = started;
    for (const [number, [error, words, reason, code]] of ERRORS.entries()) {
      const visitor = system.visitorFrom(`192.0.2.${number + 1}`);
      const state = String((await goToProvider(visitor)).searchParams.get('state'));
      const query = new URLSearchParams({ error, ...(words !== '' && { error_description: words }) });
      for (const more of [{}, { state }] as const) {
        const sent = new URLSearchParams({ ...Object.fromEntries(query), ...more });
        const form = await visitor.post('/oauth/acme/callback', Object.fromEntries(sent));
        assert.equal((await visitor.get(String(form.location))).location, '/login');
        const { level, providerSaid, ...logged } = lastLogged(system);
        assert.deepEqual([logged['reason'], logged['code']], [reason, code], error);
        assert.equal(providerSaid, words === '' ? undefined : words);
        assert.equal(level, reason === 'cancelled' ? 'info' : 'warn');
        const { body } = await visitor.get('/login');
        assert.doesNotMatch(body, /AADSTS|blocked|not assigned/, 'it is on no page');
      }
    }
    assert.deepEqual(await authorizationRequestsIn(system), []);
  });

  it('A64 is logged thirty times for one address that has begun nothing, and another one is logged still', async () => {
    await using started = await startWithTwin();
    const { system } = started;
    const flooder = system.visitorFrom('192.0.2.1');
    for (let count = 0; count < 40; count += 1)
      assert.equal((await flooder.get('/oauth/acme/callback?error=access_denied')).location, '/login');
    assert.equal(loggedBy(system).length, 30);
    await system.visitorFrom('198.51.100.1').get('/oauth/acme/callback?error=other');
    assert.deepEqual(causeOf(system), ['refused', 'other']);
    const visitor = system.visitorFrom('192.0.2.1');
    const state = String((await goToProvider(visitor)).searchParams.get('state'));
    await visitor.get(`/oauth/acme/callback?error=mine&state=${state}`);
    assert.deepEqual(causeOf(system), ['refused', 'mine'], 'what a user has begun is logged');
  });
});

describe('a response of a provider that nothing here waits for', () => {
  it('has a reason and a message of its own for each cause', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    const ada = system.visitor();
    const seen = async (visitor: typeof ada, reason: string, code: string | null, message: RegExp) => {
      assert.deepEqual(causeOf(system), [reason, code]);
      assert.match((await visitor.get('/login')).body, message);
    };
    await ada.get('/oauth/acme/callback?code=x');
    await seen(ada, 'unknown-state', 'no-state', /was not begun here, or is finished/);
    await ada.get('/oauth/acme/callback?code=x&state=short');
    await seen(ada, 'unknown-state', 'malformed-state', /was not begun here/);
    await ada.get(`/oauth/acme/callback?code=x&state=${'A'.repeat(43)}`);
    await seen(ada, 'unknown-state', null, /was not begun here/);
    const back = provider.signIn(await goToProvider(ada));
    const other = system.visitor();
    await returnFromProvider(other, back);
    await seen(other, 'other-browser', null, /begun in another browser/);
    system.clock.advance(HOUR);
    await returnFromProvider(ada, back);
    await seen(ada, 'expired', null, /took too long/);
    const ben = system.visitor();
    await ben.register('Ben', ADA.password);
    await ben.signIn('Ben', ADA.password);
    const connecting = provider.signIn(
      redirectTarget(await ben.submit('/account/connections', { connect: 'acme' })),
    );
    await ben.signOut();
    await ben.get('/login');
    await returnFromProvider(ben, connecting);
    await seen(ben, 'other-session', null, /signed out, or in again/);
  });

  it('P27 P28 is none when two tabs finish in any order, or the first response was lost', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const ada = system.visitor();
      const pages = [await goToProvider(ada), await goToProvider(ada)];
      for (const tab of order)
        assert.equal(
          (await returnFromProvider(ada, provider.signIn(pages[tab] ?? new URL(provider.origin)))).location,
          '/dashboard',
        );
    }
    const ada = system.visitor();
    const page = await goToProvider(ada);
    const cookies = new Map(ada.cookies);
    await returnFromProvider(ada, provider.signIn(page));
    ada.cookies.clear();
    for (const [name, value] of cookies) ada.cookies.set(name, value);
    assert.equal((await returnFromProvider(ada, provider.signIn(page))).location, '/dashboard');
    assert.equal(await isSignedIn(ada), true);
    assert.deepEqual(loggedBy(system), []);
  });

  it('A66 is not consumed by a browser that fetches it in advance, or by a HEAD', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    const ada = system.visitor();
    const { pathname, search } = provider.signIn(await goToProvider(ada));
    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-purpose': 'preview' },
      { 'x-moz': 'prefetch' },
    ])
      assert.equal((await ada.get(pathname + search, headers)).status, 503, JSON.stringify(headers));
    const head = new Request(system.origin + pathname + search, { method: 'HEAD' });
    assert.equal((await system.fetch(head)).status, 503);
    assert.equal((await ada.get(pathname + search, { 'sec-purpose': 'other' })).location, '/dashboard');
  });
});

/** Answers of the UserInfo endpoint that are of no use, and the code of each. */
const NO_USER_INFO: Readonly<Record<string, readonly [Faults, code: string]>> = {
  'is forbidden': [{ at: { '/userinfo': answer('no', 403) } }, 'userinfo-status-403'],
  'is not found': [{ at: { '/userinfo': answer('', 404) } }, 'userinfo-status-404'],
  'wants another token': [
    { at: { '/userinfo': answer('', 401, { 'www-authenticate': 'Bearer error="invalid_token"' }) } },
    'userinfo-not-authorised',
  ],
  fails: [{ at: { '/userinfo': answer('', 502) } }, 'userinfo-status-502'],
  'is a page': [
    { at: { '/userinfo': answer('<p>', 200, { 'content-type': 'text/html' }) } },
    'userinfo-not-json',
  ],
  'has a subject that is a number': [{ userInfo: { sub: 7 } }, 'userinfo-unusable-sub'],
  'ends in the middle': [
    { at: { '/userinfo': (response) => void response.destroy() } },
    'userinfo-ECONNRESET',
  ],
};

describe('a profile that cannot be read', () => {
  it('keeps no user out where no rule needs it, and its cause is in the log', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [title, [faults, code]] of Object.entries(NO_USER_INFO)) {
      provider.faults = faults;
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard', title);
      const { event, level, code: logged } = lastLogged(system);
      assert.deepEqual([event, level, logged], ['provider-incomplete', 'warn', code], title);
    }
  });

  it('A65 refuses users where a rule needs it, unless the token satisfies the rule, and says so', async () => {
    await using started = await startWithTwin({
      oidcAcmeAllowedGroups: 'staff',
      oidcAcmeRoles: 'staff=editor',
    });
    const { provider, system } = started;
    provider.profile = { sub: 'ada-there', groups: ['staff'] };
    await registerWithProvider(system.visitor(), provider, 'Ada');
    for (const [title, [faults, code]] of Object.entries(NO_USER_INFO)) {
      Object.assign(provider, { faults, profile: { sub: 'ada-there', groups: ['others'], nickname: 'ada' } });
      const ada = system.visitor();
      assert.equal((await signInWithProvider(ada, provider)).location, '/login', title);
      assert.deepEqual(causeOf(system), ['not-evaluated', code], title);
      assert.match((await ada.get('/login')).body, /did not say enough about you/);
      provider.profile = { sub: 'ada-there', groups: ['staff'] };
      const again = system.visitor();
      assert.equal((await signInWithProvider(again, provider)).location, '/dashboard', title);
      assert.deepEqual(await rolesOf(again), ['editor']);
    }
  });

  it('A24 is a reason to refuse where it is about another user', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    provider.faults = { userInfo: { sub: 'eve-there' } };
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    assert.deepEqual(causeOf(system), ['invalid', 'subject-differs']);
  });

  it('P32 at GitHub concerns addresses without harm, and organisations where a rule needs them', async () => {
    await using github = await startGithubTwin();
    const client = {
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
    };
    await using allowed = await startSystem({ ...client, githubAllowedOrganisations: 'acme' });
    github.forbidden = ['orgs', 'emails'];
    assert.equal((await signInWithProvider(allowed.visitor(), github, 'github')).location, '/login');
    assert.deepEqual(causeOf(allowed), ['not-evaluated', 'incomplete-groups']);
    github.forbidden = [];
    // A hundred on each page, so that there seem to be more than are read.
    github.organisations = Array.from({ length: 100 }, (__, number) => `org-${number}`);
    assert.equal((await signInWithProvider(allowed.visitor(), github, 'github')).location, '/login');
    assert.deepEqual(causeOf(allowed), ['not-evaluated', 'incomplete-groups']);
    github.organisations = ['acme', ...github.organisations.slice(1)];
    assert.equal(
      pathTo(await signInWithProvider(allowed.visitor(), github, 'github')),
      '/register/connected',
    );
    await using roles = await startSystem({ ...client, githubRoles: 'acme=staff' });
    github.forbidden = ['orgs'];
    assert.equal(pathTo(await signInWithProvider(roles.visitor(), github, 'github')), '/register/connected');
    assert.equal(lastLogged(roles)['code'], 'incomplete-groups');
    github.user = {};
    assert.equal((await signInWithProvider(roles.visitor(), github, 'github')).location, '/login');
    assert.deepEqual(causeOf(roles), ['invalid', 'malformed-id']);
  });
});

const DN = 'CN=Staff,OU=Groups,DC=example,DC=org';

/** Claims, the setting of the claim that has the groups, and whether a member of `staff` (or of the DN) is among them. */
const GROUPS: readonly (readonly [
  claims: TokenClaims,
  groupsClaim: string | undefined,
  isMember: boolean,
])[] = [
  [{ groups: 'staff' }, undefined, true],
  [{ groups: [null, 7, { staff: 1 }, ['x'], 'staff'] }, undefined, true],
  [{ groups: DN }, undefined, true],
  [{ groups: ['staff,others'] }, undefined, false],
  [{ groups: 'staff others' }, undefined, false],
  [{ realm_access: { roles: ['staff'] } }, 'realm_access.roles', true],
  [{ resource_access: { 'my.client': { roles: 'staff' } } }, 'resource_access.my.client.roles', true],
  [{ 'https://site.example.org/roles': ['staff'] }, 'https://site.example.org/roles', true],
  [{ 'http://schemas.xmlsoap.org/claims/Group': DN }, 'http://schemas.xmlsoap.org/claims/Group', true],
  [{ 'realm_access.roles': ['staff'], realm_access: { roles: [] } }, 'realm_access.roles', true],
  [{ groups: ['staff'] }, 'realm_access.roles', false],
  [{ realm_access: { roles: { staff: true } } }, 'realm_access.roles', false],
  [{ realm_access: ['staff'] }, 'realm_access.0', false],
  [{ realm_access: 'staff' }, 'realm_access.roles', false],
  [{}, '__proto__.constructor.name', false],
];

describe('the groups of a user', () => {
  it('P34 are read from the claim of the settings, in every form that is no guess', async () => {
    await using provider = await startTwinProvider();
    for (const [claims, oidcAcmeGroupsClaim, isMember] of GROUPS) {
      const options = { oidcAcmeAllowedGroups: `staff, "${DN}"`, oidcAcmeGroupsClaim };
      await using system = await startSystem(acme(provider, options));
      provider.profile = { sub: 'ada-there', email: 'ada@example.org', ...claims };
      const found = pathTo(await signInWithProvider(system.visitor(), provider));
      assert.equal(found, isMember ? '/register/connected' : '/login', JSON.stringify(claims));
      if (isMember) continue;
      const { reason, code, claimNames } = lastLogged(system);
      assert.equal(reason, 'not-admitted');
      assert.match(String(code), /^(?:no|other)-/);
      assert.ok(String(code).endsWith(oidcAcmeGroupsClaim ?? 'groups'));
      for (const name of ['sub', 'email', ...Object.keys(claims)])
        assert.ok(Array.isArray(claimNames) && claimNames.includes(name), name);
      assert.doesNotMatch(JSON.stringify(claimNames), /staff,others|ada@/, 'no values are logged');
    }
  });

  it('A65 cannot be evaluated when the token says that it lacks some, in Microsoft’s ways or the standard’s', async () => {
    await using started = await startWithTwin({ oidcAcmeAllowedGroups: 'staff' });
    const { provider, system } = started;
    for (const claims of [
      { hasgroups: true },
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } },
      { groups: ['others'], _claim_names: { groups: 'src1' } },
    ]) {
      provider.profile = { sub: 'ada-there', ...claims };
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
      assert.deepEqual(causeOf(system), ['not-evaluated', 'incomplete-groups'], JSON.stringify(claims));
    }
    provider.profile = { sub: 'ada-there', _claim_names: { groups: 'src1' } };
    const whole = { _claim_names: undefined };
    provider.faults = { userInfo: { ...whole, groups: ['others'] } };
    await signInWithProvider(system.visitor(), provider);
    assert.deepEqual(causeOf(system), ['not-admitted', 'other-groups'], 'UserInfo has them all');
    provider.faults = { userInfo: { ...whole, groups: ['staff'] } };
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), '/register/connected');
    provider.faults = {};
    for (const claims of [
      { hasgroups: false },
      { _claim_names: 'groups' },
      { _claim_names: { address: 'src1' } },
    ]) {
      provider.profile = { sub: 'ada-there', ...claims };
      await signInWithProvider(system.visitor(), provider);
      assert.deepEqual(causeOf(system), ['not-admitted', 'no-groups'], JSON.stringify(claims));
    }
  });
});

const text = (body: string, type: string) => ({ body, headers: { 'content-type': type } });
const compressed = (body: Buffer, coding: string) => ({ body, headers: { 'content-encoding': coding } });

/** Responses that are a little off the standard, and of no less worth. */
const TOLERATED: Readonly<Record<string, Faults>> = {
  'a token type in small letters': { tokens: (right) => ({ ...right, token_type: 'bearer' }) },
  'a token type of Apigee': { tokens: (right) => ({ ...right, token_type: 'BearerToken' }) },
  'a token type that is null': { tokens: (right) => ({ ...right, token_type: null }) },
  'metadata with null': { metadata: { userinfo_endpoint: null, end_session_endpoint: null, claims: null } },
  'metadata with an empty address': { metadata: { userinfo_endpoint: '' } },
  'no token type': { tokens: ({ token_type: _, ...rest }) => rest },
  'a lifetime as text': { tokens: (right) => ({ ...right, expires_in: '3600' }) },
  'a lifetime that is none': { tokens: (right) => ({ ...right, expires_in: null }) },
  'a lifetime in words': { tokens: (right) => ({ ...right, expires_in: 'never' }) },
  'a negative lifetime': { tokens: (right) => ({ ...right, expires_in: -1 }) },
  'an empty refresh token': { tokens: (right) => ({ ...right, refresh_token: null, scope: null }) },
  'scopes as a list': { tokens: (right) => ({ ...right, scope: ['openid', 'email'] }) },
  'an error that is none': { tokens: (right) => ({ ...right, error: null, error_description: '' }) },
  'JSON as text': { encode: (body) => text(body, 'text/plain') },
  'JSON as a page': { encode: (body) => text(body, 'text/html; charset=utf-8') },
  'JSON as bytes': { encode: (body) => text(body, 'application/octet-stream') },
  'JSON with a byte-order mark': { encode: (body) => text(`\uFEFF${body}`, 'application/json') },
  'gzip that was not asked for': { encode: (body) => compressed(gzipSync(body), 'gzip') },
  'gzip by its older name': { encode: (body) => compressed(gzipSync(body), 'X-GZIP') },
  brotli: { encode: (body) => compressed(brotliCompressSync(body), 'br') },
  deflate: { encode: (body) => compressed(deflateSync(body), 'deflate') },
  'bare deflate': { encode: (body) => compressed(deflateRawSync(body), 'deflate') },
  'two codings': { encode: (body) => compressed(brotliCompressSync(gzipSync(body)), 'gzip, br') },
  'the name of no coding': { encode: (body) => compressed(Buffer.from(body), 'identity') },
};

/** Token responses that give nothing, and their causes. */
const REFUSED: Readonly<Record<string, readonly [Faults, reason: string, code: string]>> = {
  'an error with status 200': [
    { tokens: () => ({ error: 'bad_verification_code', error_description: 'The code is incorrect' }) },
    'refused',
    'bad_verification_code',
  ],
  'an error beside a token': [{ tokens: (right) => ({ ...right, error: 'x' }) }, 'refused', 'x'],
  'an error as an object': [
    { tokens: () => ({ error: { message: 'no', type: 'OAuthException', code: 100 } }) },
    'refused',
    'OAuthException',
  ],
  'an error as a form': [
    {
      at: { '/token': answer('error=invalid_grant&error_description=late', 200, { 'content-type': 'x/y' }) },
    },
    'refused',
    'invalid_grant',
  ],
  'an error as text with status 400': [
    { at: { '/token': answer('{"error":"redirect_uri_mismatch"}', 400, { 'content-type': 'text/plain' }) } },
    'refused',
    'redirect_uri_mismatch',
  ],
  'a wrong secret, with a challenge': [
    {
      at: {
        '/token': answer('{"error":"invalid_client"}', 401, { 'www-authenticate': 'Basic realm="x"' }),
      },
    },
    'refused',
    'invalid_client',
  ],
  'an error of its own': [
    { at: { '/token': answer('{"error":"server_error"}', 500) } },
    'unavailable',
    'status-500',
  ],
  'a busy server': [{ at: { '/token': answer('', 429) } }, 'unavailable', 'status-429'],
  'a token response without an ID token': [
    { tokens: ({ id_token: _, ...rest }) => rest },
    'invalid',
    'unusable-id_token',
  ],
  'a token response without an access token': [
    { tokens: ({ access_token: _, ...rest }) => rest },
    'invalid',
    'unusable-access_token',
  ],
  'a token type of another kind': [
    { tokens: (right) => ({ ...right, token_type: 'mac' }) },
    'invalid',
    'OAUTH_UNSUPPORTED_OPERATION',
  ],
  'a subject that is a number': [{ claims: (right) => ({ ...right, sub: 7 }) }, 'invalid', 'unusable-sub'],
  'a token without an end': [{ claims: ({ exp: _, ...rest }) => rest }, 'invalid', 'unusable-exp'],
  'a small response that becomes a large one': [
    {
      at: {
        '/token': (response) =>
          void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(' '.repeat(2 ** 20))),
      },
    },
    'unavailable',
    'answer-too-large',
  ],
  'damaged gzip': [
    { at: { '/token': answer('{}', 200, { 'content-encoding': 'gzip' }) } },
    'unavailable',
    'answer-not-decodable',
  ],
  'an unknown coding': [
    { at: { '/token': answer('{}', 200, { 'content-encoding': 'zstd-2' }) } },
    'unavailable',
    'answer-not-decodable',
  ],
};

describe('a token response', () => {
  it('is read where nothing is at risk', async () => {
    await using started = await startWithAda({ oidcAcmeTokens: 'keep' });
    const { provider, system } = started;
    for (const [title, faults] of Object.entries(TOLERATED)) {
      // The metadata is loaded again in the same form.
      system.clock.advance(2 * HOUR);
      provider.faults = faults;
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard', title);
    }
    assert.deepEqual(loggedBy(system), []);
  });

  it('that gives nothing is logged with what the provider says', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [title, [faults, ...cause]] of Object.entries(REFUSED)) {
      provider.faults = faults;
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login', title);
      assert.deepEqual(causeOf(system), cause, title);
    }
  });

  it('for a refresh that says that the grant has ended asks the user again, and not one that fails', async () => {
    await using started = await startWithTwin({ ...STORED_TOKENS, oidcAcmeTokens: 'keep' });
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const refreshWith = (body: string, status: number) => {
      system.clock.advance(2 * HOUR);
      provider.faults = { at: { '/token': answer(body, status) } };
      return providerTokenOf(system);
    };
    await assert.rejects(refreshWith('{"error":"server_error"}', 200), /does not refresh.*server_error/);
    await assert.rejects(refreshWith('', 503), /does not refresh.*status-503/);
    assert.equal(await refreshWith('{"error":"bad_refresh_token"}', 200), null);
  });

  it('A25 without a valid ID token signs no user in, however it is sent', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [title, faults] of Object.entries(TOLERATED)) {
      provider.faults = { ...faults, signature: () => 'AAAA' };
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login', title);
      assert.deepEqual(causeOf(system), ['invalid', 'signature-invalid'], title);
    }
  });
});

describe('the issuer of a provider', () => {
  it('P39 may be set with or without the last slash, and is used as the provider writes it', async () => {
    for (const [written, own] of [
      ['/realms/one', '/realms/one/'],
      ['/realms/one/', '/realms/one'],
      ['', '/'],
      ['/', ''],
    ] as const) {
      await using provider = await startTwinProvider();
      const issuer = provider.origin + own;
      provider.faults = {
        metadata: { issuer },
        claims: (right) => ({ ...right, iss: issuer }),
        answeredIssuer: issuer,
      };
      await using system = await startSystem(acme({ origin: provider.origin + written }));
      await registerWithProvider(system.visitor(), provider, 'Ada');
      assert.deepEqual(
        (await identitiesIn(system)).map((row) => row.issuer),
        [issuer],
      );
      provider.faults = { ...provider.faults, claims: (right) => ({ ...right, iss: `${issuer}/` }) };
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
      assert.deepEqual(causeOf(system), ['invalid', 'issuer-differs']);
      assert.equal(lastLogged(system)['providerSaid'], `${issuer}/`);
    }
  });

  it('P39 is refused and named where it differs in more', async () => {
    await using provider = await startTwinProvider();
    for (const other of ['/realms/two', '/realms/one//', '/Realms/one', '/realms/one?x']) {
      const issuer = provider.origin + other;
      provider.faults = { metadata: { issuer } };
      await using system = await startSystem(acme({ origin: `${provider.origin}/realms/one` }));
      const visitor = system.visitor();
      await visitor.post('/oauth/acme', { csrf: await visitor.token('/login') });
      assert.deepEqual(causeOf(system), ['invalid', 'issuer-differs'], other);
      assert.equal(lastLogged(system)['providerSaid'], issuer);
    }
  });

  it('A24 in a response, an audience and a nonce that differ are named in the code', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [faults, code] of [
      [{ answeredIssuer: 'https://evil.example' }, 'issuer-of-answer-differs'],
      [{ answeredIssuer: null }, 'issuer-of-answer-differs'],
      [{ claims: (right: TokenClaims) => ({ ...right, aud: 'another' }) }, 'audience-differs'],
      [{ claims: (right: TokenClaims) => ({ ...right, nonce: 'another' }) }, 'nonce-differs'],
    ] as const) {
      provider.faults = faults;
      await signInWithProvider(system.visitor(), provider);
      assert.deepEqual(causeOf(system), ['invalid', code]);
    }
  });
});

/** How far the clock of the provider is ahead, in seconds, and whether users can sign in. */
const CLOCKS = [
  [0, true],
  [20, true],
  [40, true],
  [290, true],
  [-40, true],
  [-290, true],
  [400, false],
  [-400, false],
] as const;

const shifted =
  (ahead: number) =>
  (right: TokenClaims): TokenClaims => {
    const at = (name: string) => Number(right[name]) + ahead;
    return { ...right, iat: at('iat'), nbf: at('iat'), exp: at('exp'), auth_time: at('auth_time') };
  };

describe('the clock of a provider', () => {
  it('P47 may differ by five minutes, and a larger difference is named with its size', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [ahead, isAccepted] of CLOCKS) {
      provider.faults = { claims: shifted(ahead) };
      const ada = system.visitor();
      const { location } = await signInWithProvider(ada, provider);
      assert.equal(location, isAccepted ? '/dashboard' : '/login', String(ahead));
      if (isAccepted) continue;
      assert.deepEqual(causeOf(system), [
        'clock',
        ahead > 0 ? 'provider-clock-ahead' : 'provider-clock-behind',
      ]);
      assert.ok(Math.abs(Number(lastLogged(system)['clockAheadSeconds']) - ahead) < 60);
      assert.match((await ada.get('/login')).body, /its clock and ours differ/);
    }
  });

  it('A70 proves no fresh authentication where it differs by more than half a minute', async () => {
    await using started = await startWithAda();
    const { provider, system } = started;
    for (const [ahead, isFresh] of [
      [20, true],
      [200, false],
      [-200, false],
    ] as const) {
      provider.faults = {};
      const ada = system.visitor();
      await signInWithProvider(ada, provider);
      system.clock.advance(HOUR);
      provider.faults = { claims: shifted(ahead) };
      const csrf = await ada.token('/account/confirm');
      const page = redirectTarget(await ada.post('/account/confirm/acme', { csrf }));
      await returnFromProvider(ada, provider.signIn(page));
      const reasons = loggedBy(system).map(({ reason }) => reason);
      assert.deepEqual(
        reasons.filter((reason) => reason === 'clock').length,
        isFresh ? 0 : ahead > 0 ? 1 : 2,
      );
    }
  });
});
