import { createHmac, generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fieldsOf, type ProviderServer, startProviderServer } from './provider-server.ts';

export const CLIENT = { id: 'latchkey-client', secret: 'a secret between two sites' } as const;

export type TokenClaims = Readonly<Record<string, unknown>>;
type Signature = (signed: string, keys: TwinKeys) => string;
type TwinKeys = { readonly privateKey: KeyObject; readonly publicPem: string };

/** What the twin does otherwise than it should; nothing where it is empty. */
export type Faults = {
  readonly claims?: (right: TokenClaims) => TokenClaims;
  readonly header?: TokenClaims;
  /** What it writes in the place of the JSON of the claims. */
  readonly written?: (claims: string) => string;
  readonly signature?: Signature;
  /** In the place of `iss` in the answer. */
  readonly answeredIssuer?: string | null;
  /** In the place of the issuer in its metadata. */
  readonly metadata?: TokenClaims;
  readonly userInfo?: TokenClaims;
  /** Answers at a path in its own way. */
  readonly at?: Readonly<Record<string, (response: ServerResponse) => void>>;
};

/** An OpenID provider that can be told to do wrong. */
export type TwinProvider = ProviderServer & {
  faults: Faults;
  /** What it tells of whoever signs in. */
  profile: TokenClaims;
  /** Somebody signs in at the address that they were sent to. @returns the address that they are sent back to */
  readonly signIn: (authorization: URL) => URL;
  /** How long an access token lasts, in seconds. */
  tokenLife: number;
  /** Refreshes no more, as where somebody has taken back what they allowed. */
  isTakenBack: boolean;
  /** Gives no refresh token to whoever signs in, as where it has given one before. */
  isSparing: boolean;
  /** Refreshes only once this has settled. */
  held: Promise<void> | null;
  /** How often tokens were refreshed. */
  readonly refreshed: number;
  /** A token by which it says that somebody has left. */
  readonly logoutToken: (claims: TokenClaims, faults?: Pick<Faults, 'header' | 'signature'>) => string;
};

type Grant = {
  readonly nonce: string | null;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly isLasting: boolean;
};

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Signs as it should. */
const rs256: Signature = (signed, { privateKey }) =>
  sign('sha256', Buffer.from(signed), privateKey).toString('base64url');

/** Signs with the public key as if it were a secret (CVE-2016-10555). */
export const hs256WithPublicKey: Signature = (signed, { publicPem }) =>
  createHmac('sha256', publicPem).update(signed).digest('base64url');

export async function startTwinProvider(): Promise<TwinProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = { privateKey, publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const refreshTokens = new Set<string>();
  const answerToken = (request: IncomingMessage, response: ServerResponse, origin: string) =>
    answerTokenRequest({ twin, grants, refreshTokens, keys }, { request, response, origin });
  const server = await startProviderServer((origin) => (request, response) => {
    const path = request.url ?? '';
    const fault = twin.faults.at?.[path];
    if (fault !== undefined) return fault(response);
    if (path === '/.well-known/openid-configuration') return json(response, metadata(origin, twin.faults));
    if (path === '/jwks') return json(response, { keys: [jwk] });
    if (path === '/userinfo') return json(response, { ...twin.profile, ...twin.faults.userInfo });
    if (path === '/token') return void answerToken(request, response, origin);
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
      return back;
    },
  });
  return twin;
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
    // Each is good once; one that comes again has been stolen.
    const isGood = refreshTokens.delete(String(fields.get('refresh_token'))) && !twin.isTakenBack;
    if (!isGood) return json(response, { error: 'invalid_grant' }, 400);
    await twin.held;
    Object.assign(twin, { refreshed: twin.refreshed + 1 });
    return json(response, newTokens(issuing, true));
  }
  const code = String(fields.get('code'));
  const grant = grants.get(code);
  grants.delete(code);
  const isRight =
    grant !== undefined &&
    fields.get('client_secret') === CLIENT.secret &&
    fields.get('redirect_uri') === grant.redirectUri &&
    hash('sha256', String(fields.get('code_verifier')), 'base64url') === grant.challenge;
  if (!isRight) return json(response, { error: 'invalid_grant' }, 400);
  const idToken = tokenOf(claimsOf(origin, twin.profile, grant), twin.faults, keys);
  json(response, { ...newTokens(issuing, grant.isLasting && !twin.isSparing), id_token: idToken });
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

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
