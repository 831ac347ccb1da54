import {
  createHmac,
  generateKeyPairSync,
  hash,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
  sign,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Engine } from './databases.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import type { Answer, Visitor } from './visitor.ts';

/** The callback address of a provider named Acme, on a site with the default address. */
export const CALLBACK = '/oauth/acme/callback';

/** A configured provider to which no request is sent. */
export const A_PROVIDER: TestOptions = { githubClientId: 'client', githubClientSecret: 'secret' };

/** The settings for signing in with a provider. */
export function acme({ origin }: Pick<ProviderServer, 'origin'>, more: TestOptions = {}): TestOptions {
  return {
    oidcAcmeIssuer: origin,
    oidcAcmeClientId: CLIENT.id,
    oidcAcmeClientSecret: CLIENT.secret,
    oidcAcmeLabel: 'Acme',
    ...more,
  };
}

/** A provider and a system that uses it; both end together. */
export function combine<Provider extends AsyncDisposable>(provider: Provider, system: TestSystem) {
  return {
    provider,
    system,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

/** A user whom a provider sends back to the site. */
export type Signing = { readonly signIn: (authorization: URL) => URL | Promise<URL> };

/** The address to which a page redirects by itself. */
export function redirectTarget({ status, body, location }: Answer): URL {
  const url = /<meta http-equiv="refresh" content="0; url=([^"]+)">/.exec(body)?.[1];
  if (url === undefined) throw new Error(`${status} ${location} leads nowhere: ${body.slice(0, 500)}`);
  return new URL(url.replaceAll('&amp;', '&'));
}

/** Presses the button, and stops at the provider. */
export async function goToProvider(visitor: Visitor, provider = 'acme', next = ''): Promise<URL> {
  const fields = { csrf: await visitor.token('/login'), ...(next !== '' && { next }) };
  return redirectTarget(await visitor.post(`/oauth/${provider}`, fields));
}

/** Signs in at the provider and returns. */
export async function signInWithProvider(
  visitor: Visitor,
  provider: Signing,
  name = 'acme',
  next = '',
): Promise<Answer> {
  return returnFromProvider(visitor, await provider.signIn(await goToProvider(visitor, name, next)));
}

/** Opens the address to which a provider sends users back. */
export function returnFromProvider(visitor: Visitor, { pathname, search }: URL): Promise<Answer> {
  return visitor.get(pathname + search);
}

/** Registers a new account with a provider. */
export async function registerWithProvider(
  visitor: Visitor,
  provider: Signing,
  username: string,
  email = '',
): Promise<Answer> {
  await signInWithProvider(visitor, provider);
  return visitor.submit('/register/connected', { username, email });
}

/** Connects a provider to the account of a signed-in user. */
export async function connectProvider(visitor: Visitor, provider: Signing, name = 'acme'): Promise<Answer> {
  const page = redirectTarget(await visitor.submit('/account/connections', { connect: name }));
  return returnFromProvider(visitor, await provider.signIn(page));
}

/** The stored identities at providers. */
export function identitiesIn({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('external_identities').selectAll().execute();
}

/** The reasons of failed federated logins in the audit events. */
export function failuresOf({ events }: TestSystem): readonly string[] {
  return events.flatMap((event) => (event.type === 'provider-failed' ? [String(event.reason)] : []));
}

/** A server of this machine that plays the role of an identity provider. */
export type ProviderServer = AsyncDisposable & {
  readonly origin: string;
  /** The paths that were requested. */
  readonly asked: readonly string[];
  /** Ends it like a crash; no server responds at its address any more. */
  readonly stop: () => Promise<void>;
};

/** @param listen returns the request handler; it gets the address of the server */
export async function startProviderServer(
  listen: (origin: string) => RequestListener,
): Promise<ProviderServer> {
  const asked: string[] = [];
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const origin = `http://127.0.0.1:${port}`;
  answer = listen(origin);
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { origin, asked, stop, [Symbol.asyncDispose]: stop };
}

/** The fields of a submitted form. */
export async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return new URLSearchParams(body);
}

export const CLIENT = { id: 'latchkey-client', secret: 'a secret between two sites' } as const;

export type TokenClaims = Readonly<Record<string, unknown>>;
type Signature = (signed: string, keys: TwinKeys) => string;
type TwinKeys = { readonly privateKey: KeyObject; readonly publicPem: string };

/** The faults of the twin provider; none if it is empty. */
export type Faults = {
  readonly claims?: (right: TokenClaims) => TokenClaims;
  readonly header?: TokenClaims;
  /** Written instead of the JSON of the claims. */
  readonly written?: (claims: string) => string;
  readonly signature?: Signature;
  /** Sent instead of `iss` in the response. */
  readonly answeredIssuer?: string | null;
  /** Published instead of the issuer in its metadata. */
  readonly metadata?: TokenClaims;
  readonly userInfo?: TokenClaims;
  /** The token response instead of the right one. */
  readonly tokens?: (right: TokenClaims) => TokenClaims;
  /** How JSON is sent. */
  readonly encode?: (text: string) => {
    readonly body: string | Buffer;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Whether the client has authenticated, if otherwise than by a field with its secret. */
  readonly authenticates?: (fields: URLSearchParams, authorization: string | undefined) => boolean;
  /** Sent beside the code. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Handles a path in another way. */
  readonly at?: Readonly<Record<string, (response: ServerResponse) => void>>;
};

/** An OpenID provider with configurable faults. */
export type TwinProvider = ProviderServer & {
  faults: Faults;
  /** The claims of the user who signs in. */
  profile: TokenClaims;
  /** Signs a user in at the authorization address. @returns the address to which the user is sent back */
  readonly signIn: (authorization: URL) => URL;
  /** The lifetime of an access token, in seconds. */
  tokenLife: number;
  /** Refuses to refresh, as after a user has withdrawn consent. */
  isTakenBack: boolean;
  /** Issues no refresh token, as if it had issued one before. */
  isSparing: boolean;
  /** Refreshes only once this has settled. */
  held: Promise<void> | null;
  /** The number of token refreshes. */
  readonly refreshed: number;
  /** A logout token for a user. */
  readonly logoutToken: (claims: TokenClaims, faults?: Pick<Faults, 'header' | 'signature'>) => string;
};

type Grant = {
  readonly nonce: string | null;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly isLasting: boolean;
};

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** The right signature. */
const rs256: Signature = (signed, { privateKey }) =>
  sign('sha256', Buffer.from(signed), privateKey).toString('base64url');

/** Signs with the public key as if it were a secret (CVE-2016-10555). */
export const hs256WithPublicKey: Signature = (signed, { publicPem }) =>
  createHmac('sha256', publicPem).update(signed).digest('base64url');

/** One key for all twins of a process, because an RSA key takes long to generate. */
let keyPair: KeyPairKeyObjectResult | undefined;

export async function startTwinProvider(): Promise<TwinProvider> {
  keyPair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { privateKey, publicKey } = keyPair;
  const keys = { privateKey, publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const refreshTokens = new Set<string>();
  const answerToken = (request: IncomingMessage, response: ServerResponse, origin: string) =>
    answerTokenRequest({ twin, grants, refreshTokens, keys }, { request, response, origin });
  const server = await startProviderServer((origin) => (request, response) => {
    const answer = answerOf(twin, jwk, { path: request.url ?? '', origin });
    if (answer !== null) return answer(response);
    if (request.method === 'POST') return void answerToken(request, response, origin);
    response.writeHead(404).end();
  });

  const twin: TwinProvider = Object.assign(server, {
    faults: {},
    profile: { sub: 'ada-there' },
    tokenLife: 3_600,
    isTakenBack: false,
    isSparing: false,
    held: null,
    refreshed: 0,
    logoutToken: (claims: TokenClaims, faults: Pick<Faults, 'header' | 'signature'> = {}) =>
      tokenOf(
        { iss: server.origin, aud: CLIENT.id, events: { [LOGOUT_EVENT]: {} }, ...claims },
        faults,
        keys,
      ),
    signIn: (authorization: URL) => {
      const asked = authorization.searchParams;
      const code = randomBytes(16).toString('hex');
      const redirectUri = String(asked.get('redirect_uri'));
      grants.set(code, {
        nonce: asked.get('nonce'),
        challenge: String(asked.get('code_challenge')),
        redirectUri,
        isLasting: asked.get('scope')?.split(' ').includes('offline_access') === true,
      });
      const back = new URL(redirectUri);
      back.searchParams.set('code', code);
      back.searchParams.set('state', String(asked.get('state')));
      const { answeredIssuer = server.origin } = twin.faults;
      if (answeredIssuer !== null) back.searchParams.set('iss', answeredIssuer);
      for (const [name, value] of Object.entries(twin.faults.parameters ?? {}))
        back.searchParams.set(name, value);
      return back;
    },
  });
  return twin;
}

/** How it answers a GET; an issuer may have a path, which begins those of its endpoints. */
function answerOf(
  { faults, profile }: TwinProvider,
  jwk: object,
  { path, origin }: { readonly path: string; readonly origin: string },
) {
  const send = (body: unknown) => (response: ServerResponse) => json(response, body, 200, faults.encode);
  const other = faults.at?.[path];
  if (other !== undefined) return other;
  if (path.endsWith('/.well-known/openid-configuration')) return send(metadata(origin, faults));
  if (path.endsWith('/jwks')) return send({ keys: [jwk] });
  return path.endsWith('/userinfo') ? send({ ...profile, ...faults.userInfo }) : null;
}

type Issuing = {
  readonly twin: TwinProvider;
  readonly grants: Map<string, Grant>;
  readonly refreshTokens: Set<string>;
  readonly keys: TwinKeys;
};

type TokenRequest = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly origin: string;
};

async function answerTokenRequest(issuing: Issuing, { request, response, origin }: TokenRequest) {
  const { twin, grants, refreshTokens, keys } = issuing;
  const fields = await fieldsOf(request);
  if (fields.get('grant_type') === 'refresh_token') {
    // Each is valid once; a repeated one has been stolen.
    const isUsable = refreshTokens.delete(String(fields.get('refresh_token'))) && !twin.isTakenBack;
    if (!isUsable) return json(response, { error: 'invalid_grant' }, 400);
    await twin.held;
    Object.assign(twin, { refreshed: twin.refreshed + 1 });
    return json(response, newTokens(issuing, true));
  }
  const code = String(fields.get('code'));
  const grant = grants.get(code);
  grants.delete(code);
  const { authenticates = hasSecret, encode, tokens = (same) => same } = twin.faults;
  const isRight =
    grant !== undefined &&
    authenticates(fields, request.headers.authorization) &&
    fields.get('redirect_uri') === grant.redirectUri &&
    hash('sha256', String(fields.get('code_verifier')), 'base64url') === grant.challenge;
  if (!isRight) return json(response, { error: 'invalid_grant' }, 400);
  // Plain OAuth 2 has no nonce and no ID token.
  const idToken = grant.nonce !== null && tokenOf(claimsOf(origin, twin.profile, grant), twin.faults, keys);
  const isLasting = grant.isLasting && !twin.isSparing;
  const right = { ...newTokens(issuing, isLasting), ...(idToken !== false && { id_token: idToken }) };
  json(response, tokens(right), 200, encode);
}

function hasSecret(fields: URLSearchParams): boolean {
  return fields.get('client_secret') === CLIENT.secret;
}

function newTokens({ twin, refreshTokens }: Issuing, isLasting: boolean) {
  const [access, refresh] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  if (isLasting) refreshTokens.add(refresh);
  return {
    access_token: access,
    token_type: 'Bearer',
    expires_in: twin.tokenLife,
    ...(isLasting && { refresh_token: refresh }),
  };
}

function claimsOf(origin: string, profile: TokenClaims, { nonce }: Grant): TokenClaims {
  const now = Math.floor(Date.now() / 1_000);
  const times = { iat: now, exp: now + 60, auth_time: now };
  return { iss: origin, aud: CLIENT.id, ...times, ...(nonce !== null && { nonce }), ...profile };
}

function tokenOf(
  right: TokenClaims,
  { claims = (same) => same, written = (same) => same, header, signature = rs256 }: Faults,
  keys: TwinKeys,
) {
  const encode = (part: string) => Buffer.from(part).toString('base64url');
  const start = encode(JSON.stringify({ alg: 'RS256', kid: 'one', typ: 'JWT', ...header }));
  const signed = `${start}.${encode(written(JSON.stringify(claims(right))))}`;
  return `${signed}.${signature(signed, keys)}`;
}

function metadata(origin: string, { metadata: wrong }: Faults) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    userinfo_endpoint: `${origin}/userinfo`,
    jwks_uri: `${origin}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    ...wrong,
  };
}

function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  encode: NonNullable<Faults['encode']> = (text) => ({ body: text, headers: {} }),
): void {
  const { body, headers } = encode(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(body);
}

/** A server that speaks OAuth 2 like GitHub, with one user. */
export type GithubTwin = ProviderServer & {
  user: Readonly<Record<string, unknown>>;
  emails: unknown;
  organisations: readonly unknown[];
  /** Resources that this application may not read: the response is 403. */
  forbidden: readonly ('emails' | 'orgs')[];
  readonly signIn: (authorization: URL) => URL;
};

export async function startGithubTwin(): Promise<GithubTwin> {
  const challenges = new Map<string, string>();
  const server = await startProviderServer(() => (request, response) => {
    const isKnown = request.headers.authorization === 'Bearer github-access';
    if (request.url === '/login/oauth/access_token') return void answerToken(request, response, challenges);
    if (request.url === '/api/v3/user' && isKnown) return json(response, twin.user);
    if (twin.forbidden.some((part) => request.url?.startsWith(`/api/v3/user/${part}`) === true))
      return json(response, { message: 'Resource not accessible by integration' }, 403);
    if (request.url === '/api/v3/user/emails' && isKnown) return json(response, twin.emails);
    if (request.url === '/api/v3/user/orgs?per_page=100' && isKnown)
      return json(
        response,
        twin.organisations.map((login) => ({ login })),
      );
    response.writeHead(401).end();
  });
  const twin: GithubTwin = Object.assign(server, {
    user: { id: 583_231, login: 'octocat', name: 'The Octocat' },
    emails: [{ email: 'octocat@example.org', primary: true, verified: true }],
    organisations: [],
    forbidden: [],
    signIn: (authorization: URL) => {
      const asked = authorization.searchParams;
      const code = `code ${challenges.size}`;
      challenges.set(code, String(asked.get('code_challenge')));
      const back = new URL(String(asked.get('redirect_uri')));
      back.searchParams.set('code', code);
      back.searchParams.set('state', String(asked.get('state')));
      return back;
    },
  });
  return twin;
}

async function answerToken(
  request: IncomingMessage,
  response: ServerResponse,
  challenges: Map<string, string>,
): Promise<void> {
  const fields = await fieldsOf(request);
  const verifier = hash('sha256', String(fields.get('code_verifier')), 'base64url');
  const isRight =
    fields.get('client_secret') === CLIENT.secret && challenges.get(String(fields.get('code'))) === verifier;
  if (!isRight) return json(response, { error: 'bad_verification_code' });
  json(response, { access_token: 'github-access', token_type: 'bearer', scope: 'read:user,user:email' });
}

export const CONNECTIONS_PAGE = '/account/connections';
export const NEW_USER_PAGE = '/register/connected';

/** Creates an account at the first sign-in with the provider, although registration is closed. */
export const AUTOMATIC_ACCOUNTS: TestOptions = {
  oidcAcmeNewAccounts: 'automatic',
  registration: 'closed',
};

/** Stores the tokens of the provider for the application. */
export const STORED_TOKENS: TestOptions = { oidcAcmeTokens: 'keep', oidcAcmeScopes: 'calendar files:read' };

/** A twin provider, and a system that uses it. */
export async function startWithTwin(engine: Engine, more: TestOptions = {}) {
  const provider = await startTwinProvider();
  return combine(provider, await startSystem(acme(provider, more), engine));
}

/** The same, with the twin as a second provider as well. */
export async function startWithTwoProviders(engine: Engine, more: TestOptions = {}) {
  const provider = await startTwinProvider();
  const second = {
    oidcSecondIssuer: provider.origin,
    oidcSecondClientId: CLIENT.id,
    oidcSecondClientSecret: CLIENT.secret,
  };
  return combine(provider, await startSystem(acme(provider, { ...second, ...more }), engine));
}

/** A twin provider whose tokens are stored, and Ada, who has registered with it. */
export async function startWithStoredTokens(engine: Engine, more: TestOptions = {}) {
  const started = await startWithTwin(engine, { ...STORED_TOKENS, ...more });
  await registerWithProvider(started.system.visitor(), started.provider, 'Ada');
  return started;
}

/** The provider token of a user that the application gets. */
export async function providerTokenOf({ system }: TestSystem, name = 'Ada') {
  return system.providerToken(String(await system.core.accounts.find(name)), 'acme');
}

export function storedTokensIn({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('external_tokens').selectAll().execute();
}

/** The authorization requests that have begun and are not complete. */
export function authorizationRequestsIn({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('external_transactions').selectAll().execute();
}

/** The values of the buttons that disconnect, in the order in which the providers were connected. */
export async function disconnectButtons(visitor: Visitor): Promise<readonly string[]> {
  const { body } = await visitor.get(CONNECTIONS_PAGE);
  return [...body.matchAll(/name="disconnect" value="([^"]+)"/g)].map(([, id = '']) => id);
}

/** The roles in the session of a browser. */
export async function rolesOf(visitor: Visitor): Promise<readonly string[]> {
  return JSON.parse((await visitor.get('/api/session')).body).session.roles ?? [];
}
