import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { fieldsOf, type ProviderServer, startProviderServer } from '../../../tests/kit/federation.ts';
import { startHttpProxy, startSecureFront, trustedIdentity } from '../../../tests/kit/http-proxy.ts';
import { freePort } from '../../../tests/kit/temporary.ts';
import { createSelfSigned } from '../../cli/self-signed.ts';
import type { Provider } from '../../features/external-sign-in/index.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { givenSettings } from '../../read-settings.ts';
import { runChecks } from './findings.ts';
import { providerChecks } from './providers.ts';

const SECRET = 'a secret between two sites';
const CALLBACK = 'http://localhost:3000/oauth/acme/callback';

type Environment = Readonly<Record<string, string>>;
type Resolve = Parameters<typeof providerChecks>[2];

/** The findings, as lines of verdict, text and fix. */
async function look(environment: Environment, own: readonly Provider[] = [], resolve: Resolve = {}) {
  const settings = givenSettings(environment, '/nowhere');
  const findings = await runChecks(providerChecks(settings, own, resolve), settings);
  return findings.map((one) =>
    [`${one.verdict} ${one.check}: ${one.what}`, ...(one.verdict === 'ok' ? [] : [one.fix])].join('; '),
  );
}

const acme = (issuer: string, more: Environment = {}): Environment => ({
  OIDC_ACME_ISSUER: issuer,
  OIDC_ACME_CLIENT_ID: 'harbour',
  OIDC_ACME_CLIENT_SECRET: SECRET,
  ...more,
});

/** A machine that can resolve no names. */
const NO_NAMES: Resolve = {
  resolve: (_, __, done) => done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []),
};

const wrong = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('ok '));

const EC_KEY = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: '1',
};

type Respond = (response: ServerResponse, request: IncomingMessage) => void;
const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
const page =
  (status: number, body = '<p>', headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);

/** Redirects with an error, as a provider does without a user. */
const redirecting =
  (parameters: Readonly<Record<string, string>>, to?: string): Respond =>
  (response, { url = '' }) => {
    const back = new URL(to ?? String(new URL(url, 'http://x').searchParams.get('redirect_uri')));
    for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  };

/** A provider whose answers a test changes. The path of its issuer is `/realm`. */
type Shape = {
  readonly issuer?: (origin: string) => string;
  readonly metadata?: (origin: string) => Readonly<Record<string, unknown>>;
  readonly well?: Respond;
  readonly keys?: Respond;
  readonly token?: Respond;
  readonly authorize?: Respond;
  readonly pushed?: Respond;
  readonly users?: Respond;
};

function startShape(shape: Shape = {}): Promise<ProviderServer> {
  return startProviderServer((origin) => (request, response) => {
    const realm = `${origin}/realm`;
    const metadata = {
      issuer: shape.issuer?.(origin) ?? realm,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/jwks`,
      userinfo_endpoint: `${origin}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      ...(shape.pushed !== undefined && { pushed_authorization_request_endpoint: `${origin}/par` }),
      ...shape.metadata?.(origin),
    };
    const answers: Readonly<Record<string, Respond>> = {
      '/realm/.well-known/openid-configuration': shape.well ?? json(metadata),
      '/jwks': shape.keys ?? json({ keys: [EC_KEY] }),
      '/token': shape.token ?? answerToken,
      '/authorize': shape.authorize ?? redirecting({ error: 'login_required' }),
      '/par': shape.pushed ?? page(404),
      '/userinfo': shape.users ?? page(401),
    };
    const [path = ''] = (request.url ?? '').split('?');
    (answers[path] ?? page(404))(response, request);
  });
}

const answerToken: Respond = async (response, request) => {
  const fields = await fieldsOf(request);
  const isKnown = fields.get('client_id') === 'harbour' && fields.get('client_secret') === SECRET;
  json({ error: isKnown ? 'invalid_grant' : 'invalid_client' }, isKnown ? 400 : 401)(response, request);
};

/** What is wrong with a provider of this shape. */
async function wrongWith(shape: Shape, environment?: (origin: string) => Environment) {
  await using provider = await startShape(shape);
  const lines = await look(environment?.(provider.origin) ?? acme(`${provider.origin}/realm`));
  return wrong(lines).map((line) =>
    line.replaceAll(provider.origin, 'ORIGIN').replace(' provider acme:', ''),
  );
}

describe('the doctor’s check of a provider', () => {
  it('finds no fault in a right one, and says what is to be registered', async () => {
    await using provider = await startShape();
    const { origin } = provider;
    assert.deepEqual(await look(acme(`${origin}/realm`)), [
      `ok provider acme: ${origin} answers directly`,
      `ok provider acme: its issuer is ${origin}/realm`,
      'ok provider acme: its clock is within 1 s of ours',
      'ok provider acme: 1 of its 1 keys can verify tokens (ES256)',
      'ok provider acme: it takes OIDC_ACME_CLIENT_ID with its secret (an invalid code is answered with invalid_grant)',
      `ok provider acme: it redirects to ${CALLBACK}`,
    ]);
    const without = await look({});
    assert.deepEqual(without, [], 'nothing is checked where no provider is set');
  });

  it('P39: names the issuer that the provider uses', async () => {
    await using provider = await startShape();
    const { origin } = provider;
    const setTo = (issuer: string) => new RegExp(`set OIDC_ACME_ISSUER to ${issuer}\\b.*nearby`);
    for (const [given, fix] of [
      [`${origin}/realm/protocol/openid-connect/auth`, setTo(`${origin}/realm`)],
      [`${origin}/realm/authorize`, setTo(`${origin}/realm`)],
      [`${origin}/auth/realm`, setTo(`${origin}/realm`)],
      [`${origin}/realm/.well-known/oauth-authorization-server`, setTo(`${origin}/realm`)],
      [origin, /documentation calls its issuer/],
    ] as const) {
      const [line = '', ...more] = wrong(await look(acme(given)));
      assert.deepEqual(more, [], given);
      assert.match(line, /^fault provider acme: there is no metadata at \S+ \(status 404\); /);
      assert.match(line, fix, given);
    }
    const whole = await look(acme(`${origin}/realm/.well-known/openid-configuration`));
    assert.deepEqual(wrong(whole), []);
    assert.match(whole.join('\n'), /its issuer is \S+\/realm, and OIDC_ACME_ISSUER leads to it$/m);
  });

  it('P39: distinguishes how an issuer differs', async () => {
    for (const [issuer, pattern] of [
      [(origin: string) => `${origin}/other`, /calls itself ORIGIN\/other.*tenant or realm that is meant$/],
      [() => 'https://elsewhere.example.org/realm', /if that is the provider that is meant$/],
      [(origin: string) => `${origin.replace('http:', 'https:')}/realm`, /know its public address/],
      [(origin: string) => `${origin}/Realm`, /set OIDC_ACME_ISSUER to ORIGIN\/Realm/],
    ] as const) {
      const [line = '', ...more] = await wrongWith({ issuer });
      assert.deepEqual(more, []);
      assert.match(line, pattern);
    }
    assert.deepEqual(
      await wrongWith({ issuer: (origin) => `${origin}/realm/` }),
      [],
      'a final slash is none',
    );
  });

  it('P39: says how an issuer is spelt that differs in its final slash alone', async () => {
    await using provider = await startShape({ issuer: (origin) => `${origin}/realm/` });
    const lines = (await look(acme(`${provider.origin}/realm`))).join('\n');
    assert.match(
      lines,
      /realm\/, with the final slash$|its issuer is \S+\/realm\/, and OIDC_ACME_ISSUER leads to it$/m,
    );
  });

  it('reports metadata that is a page, redirects or is malformed', async () => {
    for (const [well, pattern] of [
      [page(200), /^fault there is no metadata at ORIGIN\/realm\S+ \(status 200\)/],
      [
        page(301, '', { location: 'https://id.example.org/x' }),
        /it redirects to “https:\/\/id.example.org\/x”/,
      ],
      [json({ issuer: 7 }), /no metadata/],
      [page(503), /status 503/],
    ] as const)
      assert.match((await wrongWith({ well })).join('\n'), pattern);
  });

  it('reports a provider that is not reached, and why', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    assert.match(
      (await look(acme(nowhere))).join('\n'),
      /^fault provider acme: \S+ was not reached directly: ECONNREFUSED; see that the network lets this machine out/,
    );
    await using plain = await startShape();
    const [line = ''] = await look(acme(plain.origin.replace('http:', 'https:')));
    assert.match(line, /not reached directly: (?:EPROTO|ERR_SSL_\w+); something else answers there/);
  });

  it('P47: reports a clock that differs by as much as is harmful', async () => {
    const dated = (seconds: number, more = {}): Respond =>
      json({ keys: [EC_KEY] }, 200, { date: new Date(Date.now() + seconds * 1_000).toUTCString(), ...more });
    const clockOf = async (seconds: number, more = {}) => {
      const at = dated(seconds, more);
      const same: Shape = {
        well: (response, request) => {
          response.setHeader('date', '');
          json(
            {
              issuer: `http://${request.headers.host}/realm`,
              authorization_endpoint: `http://${request.headers.host}/authorize`,
              token_endpoint: `http://${request.headers.host}/token`,
              jwks_uri: `http://${request.headers.host}/jwks`,
              id_token_signing_alg_values_supported: ['ES256'],
              token_endpoint_auth_methods_supported: ['client_secret_post'],
            },
            200,
          )(response, request);
        },
        keys: at,
        token: json({ error: 'invalid_grant' }, 400, { date: '' }),
        authorize: (response, request) => {
          response.setHeader('date', '');
          redirecting({ error: 'login_required' })(response, request);
        },
      };
      return (await wrongWith(same)).join('\n');
    };
    assert.equal(await clockOf(0), '');
    assert.equal(await clockOf(-8), '');
    assert.match(await clockOf(20), /^warning its clock is (?:19|2\d) s ahead of that of this machine/);
    assert.match(
      await clockOf(200),
      /^warning its clock is (?:19|20)\d s ahead of.* no fresh authentication from 30 s on/,
    );
    assert.match(
      await clockOf(400),
      /^fault its clock is (?:39|40)\d s ahead of.* tokens are refused from 300 s on/,
    );
    assert.match(await clockOf(-400), /^fault its clock is (?:39|40)\d s behind/);
    assert.equal(await clockOf(-400, { age: '400' }), '', 'a response out of a cache is older');
  });

  const RSA_SHORT = { kty: 'RSA', n: Buffer.alloc(128, 1).toString('base64url'), e: 'AQAB' };
  const KEYS: readonly (readonly [
    name: string,
    keys: Respond,
    algorithms: readonly string[],
    pattern: RegExp,
  ])[] = [
    ['that signs with a secret only', json({}), ['HS256'], /signs tokens with HS256 only.*authentik/],
    ['without a key', json({ keys: [] }), ['RS256'], /none of its 0 keys can verify a token \(RS256\)/],
    ['with a key of another type', json({ keys: [EC_KEY] }), ['RS256'], /none of its 1 keys/],
    [
      'with a key of another curve',
      json({ keys: [{ ...EC_KEY, crv: 'P-384' }] }),
      ['ES256'],
      /none of its 1/,
    ],
    ['with a key for encryption', json({ keys: [{ ...EC_KEY, use: 'enc' }] }), ['ES256'], /none of its 1/],
    ['with a short key', json({ keys: [RSA_SHORT, null, 'x'] }), ['RS256'], /none of its 3 keys/],
    ['with a page instead of keys', page(200), ['ES256'], /there are no keys at ORIGIN\/jwks \(status 200\)/],
    ['whose keys are not found', page(404), ['ES256'], /\(status 404\)/],
    ['whose keys are not sent', (response) => response.destroy(), ['ES256'], /were not reached: ECONNRESET/],
  ];
  for (const [name, keys, id_token_signing_alg_values_supported, pattern] of KEYS)
    it(`reports a provider ${name}`, async () => {
      const found = await wrongWith({ keys, metadata: () => ({ id_token_signing_alg_values_supported }) });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(String(found[0]), pattern);
    });

  const TOKEN: readonly (readonly [name: string, token: Respond, pattern: RegExp | null])[] = [
    ['invalid_grant', json({ error: 'invalid_grant' }, 400), null],
    ['the error of GitHub for a code, with status 200', json({ error: 'bad_verification_code' }), null],
    ['the same as a form', page(200, 'error=bad_verification_code&error_description=x'), null],
    [
      'invalid_client',
      json({ error: 'invalid_client', error_description: 'Wrong <b>secret</b>' }, 401),
      /^fault it refuses this application: invalid_client “Wrong b secret \/b”; see that OIDC_ACME_CLIENT_ID/,
    ],
    [
      'the error of GitHub for a secret, with status 200',
      json({ error: 'incorrect_client_credentials' }),
      /refuses this application: incorrect_client_credentials/,
    ],
    [
      'unauthorized_client',
      json({ error: 'unauthorized_client' }, 400),
      /refuses this application: unauthorized_client/,
    ],
    ['status 401 and nothing else', page(401), /refuses this application: status 401/],
    ['another address for redirects', json({ error: 'redirect_uri_mismatch' }, 400), /redirect_uri_mismatch/],
    [
      'an error of Entra ID that comes before any other',
      json({ error: 'invalid_grant', error_description: 'AADSTS9002313: Invalid request.' }, 400),
      null,
    ],
    ['a page', page(200), /^warning its token endpoint answers an invalid code with status 200/],
    ['status 500', page(500), /status 500/],
    ['nothing', (response) => response.destroy(), /token endpoint ORIGIN\/token was not reached: ECONNRESET/],
  ];
  for (const [name, token, pattern] of TOKEN)
    it(`${pattern === null ? 'passes' : 'reports'} a token endpoint that answers with ${name}`, async () => {
      const found = await wrongWith({ token });
      if (pattern === null) return assert.deepEqual(found, []);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(String(found[0]), pattern);
    });

  it('does not say that a client is accepted where the provider reads the code first', async () => {
    const answer = json(
      { error: 'invalid_grant', error_description: 'AADSTS9002313: Invalid request.' },
      400,
    );
    await using provider = await startShape({ token: answer });
    const lines = await look(acme(`${provider.origin}/realm`));
    assert.match(
      lines.join('\n'),
      /^ok provider acme: whether it takes OIDC_ACME_CLIENT_ID .* shows at a sign-in only/m,
    );
  });

  it('finds that the secret is wrong, and shows none', async () => {
    const other = 'another secret than that of the provider';
    const found = await wrongWith({}, (origin) =>
      acme(`${origin}/realm`, { OIDC_ACME_CLIENT_SECRET: other }),
    );
    assert.match(found.join('\n'), /^fault it refuses this application: invalid_client;/);
    assert.ok(!found.join('\n').includes(other));
    const echoing: Respond = async (response, request) => {
      const sent = String(await fieldsOf(request));
      json({ error: 'invalid_client', error_description: `bad: ${sent}` }, 401)(response, request);
    };
    const answered = await wrongWith({ token: echoing }, (origin) =>
      acme(`${origin}/realm`, { OIDC_ACME_CLIENT_SECRET: 'k'.repeat(40) }),
    );
    assert.doesNotMatch(answered.join('\n'), /kkkk/);
  });

  const mismatch = Buffer.from('\n\u0015redirect_uri_mismatch').toString('base64');
  const REDIRECTS: readonly (readonly [name: string, shape: Shape, pattern: RegExp | null])[] = [
    [
      'redirects with any error of a user',
      { authorize: redirecting({ error: 'interaction_required' }) },
      null,
    ],
    ['redirects to its own page', { authorize: redirecting({}, 'https://id.example.org/login') }, null],
    ['shows a page', { authorize: page(200, 'Sign in. redirect_uri=x') }, null],
    ['has an unexplained error', { authorize: page(400, 'Bad request') }, null],
    ['does not answer there', { authorize: (response) => response.destroy() }, null],
    [
      'names the parameter, as Keycloak does',
      { authorize: page(400, 'Invalid parameter: redirect_uri') },
      /^fault it does not redirect to http:\S+\/oauth\/acme\/callback: “redirect_uri”; register exactly that/,
    ],
    [
      'names a callback, as Auth0 does',
      { authorize: page(403, 'Callback URL mismatch.') },
      /does not redirect/,
    ],
    ['has the code of Entra ID', { authorize: page(200, 'AADSTS50011: The redirect URI') }, /“AADSTS50011”/],
    [
      'leads to a page of errors, as Google does',
      { authorize: redirecting({ authError: mismatch }, 'https://accounts.example.org/error') },
      /redirect_uri_mismatch/,
    ],
    [
      'permits no such scope',
      { authorize: redirecting({ error: 'invalid_scope', error_description: 'No email' }) },
      /^fault it refuses every sign-in: invalid_scope “No email”/,
    ],
    [
      'takes a pushed request',
      { pushed: json({ request_uri: 'urn:x', expires_in: 60 }, 201), authorize: page(500) },
      null,
    ],
    [
      'refuses a pushed request',
      {
        pushed: json({ error: 'invalid_request', error_description: 'redirect_uri is not registered' }, 400),
      },
      /“redirect_uri is not registered”/,
    ],
    [
      'permits no pushed request',
      { pushed: json({ error: 'unauthorized_client' }, 400) },
      /refuses every sign-in: unauthorized_client/,
    ],
    ['fails at a pushed request', { pushed: page(500) }, null],
  ];
  for (const [name, shape, pattern] of REDIRECTS)
    it(`${pattern === null ? 'passes' : 'reports'} a provider that ${name}`, async () => {
      const found = await wrongWith(shape);
      if (pattern === null) return assert.deepEqual(found, []);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(String(found[0]), pattern);
    });

  it('names the methods that a provider supports if it refuses another', async () => {
    const token_endpoint_auth_methods_supported = ['private_key_jwt', 'tls_client_auth', '\u001b[2J'];
    const token = json({ error: 'invalid_client' }, 401);
    const found = await wrongWith({ token, metadata: () => ({ token_endpoint_auth_methods_supported }) });
    assert.match(
      found.join('\n'),
      /; it supports private_key_jwt, tls_client_auth alone; if that is so, give OIDC_ACME_PRIVATE_KEY instead/,
    );
  });

  it('reports that what describes its users is not reached', async () => {
    const found = await wrongWith({ users: (response) => response.destroy() });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(
      String(found[0]),
      /^warning ORIGIN\/userinfo, which describes its users, was not reached: ECONNRESET/,
    );
  });

  it('A43: shows nothing of a provider that a terminal would obey', async () => {
    const evil = '\u001b[2J\u202e\r\n';
    for (const shape of [
      { issuer: (origin: string) => `${origin}/${evil}` },
      { metadata: () => ({ id_token_signing_alg_values_supported: [evil, 'HS256'] }), keys: page(200) },
      { metadata: (origin: string) => ({ jwks_uri: `${origin}/${evil}` }) },
      { metadata: (origin: string) => ({ token_endpoint: `${origin}/${evil}` }) },
      { token: json({ error: `x${evil}`, error_description: evil }, 400) },
      { token: json({ error: 'invalid_client', error_description: evil }, 400) },
      { authorize: redirecting({ error: 'invalid_scope', error_description: evil }) },
      { well: page(301, '', { location: `https://id.example.org/${encodeURI(evil)}` }) },
    ])
      assert.doesNotMatch((await wrongWith(shape)).join('|'), /[\p{Cc}\u202e]/u);
  });

  it('says what is wrong with its certificate', async () => {
    await using behind = await startShape();
    const certificateFor = async (...hosts: readonly string[]) => {
      const { certificate: cert, key } = await createSelfSigned({
        title: 'x',
        hosts,
        validFrom: new Date(Date.now() - DAY),
        validTo: new Date(Date.now() + DAY),
      });
      return { cert, key };
    };
    for (const [identity, pattern] of [
      [await certificateFor('127.0.0.1'), /SELF_SIGNED\w+; .*NODE_EXTRA_CA_CERTS/],
      [await trustedIdentity('id.example.org'), /ALTNAME_INVALID; its certificate is for other names/],
    ] as const) {
      await using front = await startSecureFront(identity, behind.origin);
      const lines = await look(acme(`https://127.0.0.1:${front.port}/realm`));
      assert.match(lines.join('\n'), pattern);
    }
  });

  it('reports metadata that would send codes in the clear or lacks an endpoint', async () => {
    const found = await wrongWith({ metadata: () => ({ token_endpoint: 'ftp://id.example.org/token' }) });
    assert.match(found.join('\n'), /^fault /);
  });
});

describe('the doctor’s check of a provider without discovery', () => {
  it('asks GitHub whether it takes the secret, and says what is to be registered', async () => {
    for (const [error, pattern] of [
      ['bad_verification_code', /^ok provider github: it takes GITHUB_CLIENT_ID with its secret/m],
      [
        'incorrect_client_credentials',
        /^fault provider github: it refuses this application: incorrect_client/m,
      ],
    ] as const) {
      await using twin = await startProviderServer(() => (request, response) => {
        const path = request.url === '/login/oauth/access_token';
        (path ? json({ error, error_description: 'x', error_uri: 'https://x' }) : page(404))(
          response,
          request,
        );
      });
      const environment = {
        GITHUB_URL: twin.origin,
        GITHUB_CLIENT_ID: 'harbour',
        GITHUB_CLIENT_SECRET: SECRET,
      };
      const lines = await look({ ...environment, BASE_PATH: '/auth' });
      assert.ok(twin.asked.includes('/api/v3/user'), 'the way to what describes users is tried, too');
      assert.match(
        lines.join('\n'),
        new RegExp(`^ok provider github: ${twin.origin} answers directly$`, 'm'),
      );
      assert.match(lines.join('\n'), pattern);
      const registered =
        'redirect address to be registered there: http://localhost:3000/auth/oauth/github/callback';
      assert.ok(lines.includes(`ok provider github: ${registered}`), lines.join('\n'));
    }
  });

  it('warns about a redirect address that a provider never takes', async () => {
    const apple = {
      APPLE_CLIENT_ID: 'x',
      APPLE_TEAM_ID: 'x',
      APPLE_KEY_ID: 'x',
      APPLE_PRIVATE_KEY: String(
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      ),
    };
    const google = { GOOGLE_CLIENT_ID: 'x', GOOGLE_CLIENT_SECRET: 'x' };
    const microsoft = { MICROSOFT_CLIENT_ID: 'x', MICROSOFT_CLIENT_SECRET: 'x' };
    const SECRET_KEY = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
    for (const [provider, baseUrl, isWarned] of [
      [apple, 'http://localhost:3000', true],
      [apple, 'https://localhost:3000', true],
      [apple, 'https://192.0.2.1', true],
      [apple, 'https://login.example.org', false],
      [google, 'https://[2001:db8::1]', true],
      [google, 'http://127.0.0.1:3000', false],
      [microsoft, 'http://127.0.0.1:3000', true],
      [microsoft, 'http://localhost:3000', false],
    ] as const) {
      const lines = await look({ ...provider, BASE_URL: baseUrl, SECRET_KEY }, [], NO_NAMES);
      assert.equal(
        lines.some((line) => line.includes('cannot be registered')),
        isWarned,
        lines.join('\n'),
      );
    }
  });
});

describe('the doctor’s check of the way to a provider', () => {
  it('P40: names the proxy without its user, and says what it did', async () => {
    const host = 'id.example.org';
    const identity = await trustedIdentity(host);
    await using provider = await startShape({
      issuer: () => `https://${host}/realm`,
      metadata: () => ({
        authorization_endpoint: `https://${host}/authorize`,
        token_endpoint: `https://${host}/token`,
        jwks_uri: `https://${host}/jwks`,
        userinfo_endpoint: `https://${host}/userinfo`,
      }),
    });
    await using front = await startSecureFront(identity, provider.origin);
    await using proxy = await startHttpProxy();
    proxy.routes.set(`${host}:443`, front.port);
    const environment = acme(`https://${host}/realm`, {
      BASE_URL: 'https://login.example.org',
      SECRET_KEY: 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu',
      https_proxy: proxy.url.replace('//', '//ada:hunter2@'),
    });
    const lines = await look(environment, [], NO_NAMES);
    assert.deepEqual(wrong(lines), []);
    assert.equal(lines[0], `ok provider acme: https://${host} answers through the proxy ${proxy.url}`);
    for (const [status, pattern] of [
      [407, /proxy-authentication-required; see that HTTPS_PROXY has the right user and password/],
      [403, /proxy-refused; let the proxy permit CONNECT/],
      [502, /proxy-failed; see that the proxy can resolve and reach this host/],
    ] as const) {
      proxy.answer = status;
      const [line = '', ...more] = wrong(await look(environment, [], NO_NAMES));
      assert.deepEqual(more, []);
      assert.match(
        line,
        /^fault provider acme: https:\/\/id\.example\.org was not reached through the proxy http:/,
      );
      assert.match(line, pattern);
      assert.doesNotMatch(line, /hunter2/);
    }
    await proxy[Symbol.asyncDispose]();
    assert.match(
      wrong(await look(environment, [], NO_NAMES)).join('\n'),
      /proxy-unreachable; see that the proxy runs/,
    );
    const inside = await look(
      acme('https://10.0.0.8', { ...environment, OIDC_ACME_ISSUER: 'https://10.0.0.8' }),
    );
    assert.match(
      inside.join('\n'),
      /address-not-public; if it is on a private network, set OIDC_ACME_NETWORK=inside/,
    );
  });

  it('names the setting of a tenant that does not exist', async () => {
    const host = 'login.microsoftonline.com';
    await using behind = await startProviderServer(
      () => (request, response) =>
        json({ error: 'invalid_tenant', error_description: 'AADSTS90002' }, 400)(response, request),
    );
    await using front = await startSecureFront(await trustedIdentity(host), behind.origin);
    await using proxy = await startHttpProxy();
    proxy.routes.set(`${host}:443`, front.port);
    const lines = await look(
      {
        HTTPS_PROXY: proxy.url,
        MICROSOFT_CLIENT_ID: 'harbour',
        MICROSOFT_CLIENT_SECRET: SECRET,
        MICROSOFT_TENANT: '8eaef023-2b34-4da1-9baa-8bc8c9d6a490',
      },
      [],
      NO_NAMES,
    );
    assert.match(
      lines.join('\n'),
      /^fault provider microsoft: .*\(status 400\); see that MICROSOFT_TENANT is the id or a domain/m,
    );
  });

  it('is taken for the providers of an application too, which have no settings', async () => {
    await using provider = await startShape();
    const own: Provider = {
      name: 'harbour',
      label: 'Harbour',
      client: { id: 'harbour', secret: SECRET },
      scopes: ['openid'],
      protocol: { kind: 'openid-connect', issuer: new URL(`${provider.origin}/other`) },
      isAddressTrusted: () => false,
    };
    const lines = await look({}, [own]);
    assert.match(
      lines.join('\n'),
      /^fault provider harbour: there is no metadata at .*set its issuer to what/m,
    );
    assert.doesNotMatch(lines.join('\n'), /OIDC_/);
  });
});
