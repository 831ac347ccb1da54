import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientMetadata, Provider } from 'oidc-provider';
import { CLIENT, type ProviderServer, startProviderServer } from './federation.ts';
import { parseSetCookie } from './visitor.ts';

/** A real OpenID provider at which every browser is signed in as the same user. */
export type OpenIdProvider = ProviderServer & {
  /** The signed-in user; null if the user cancels. */
  user: string | null;
  /** The claims that it returns for the user. */
  refusal: 'access_denied' | 'unauthorized_client';
  claims: Readonly<Record<string, unknown>>;
  /** Follows the authorization address in a browser. @returns the address to which the browser is sent back */
  readonly signIn: (authorization: URL) => Promise<URL>;
  /**
   * Opens the sign-out address in a browser and presses the button. @returns the address to which the browser is sent
   * back
   */
  readonly signOut: (page: URL) => Promise<URL>;
};

/** Further properties of this client in the registration. */
export type Registration = Pick<
  ClientMetadata,
  | 'token_endpoint_auth_method'
  | 'jwks'
  | 'backchannel_logout_uri'
  | 'backchannel_logout_session_required'
  | 'post_logout_redirect_uris'
>;

/** @param redirectUri the only address to which it sends users back */
export async function startOpenIdProvider(
  redirectUri: string,
  registration: Registration = {},
): Promise<OpenIdProvider> {
  const cookies = new Map<string, string>();
  const server = await startProviderServer((origin) => {
    const provider = createProvider(origin, { redirectUri, registration }, () => openId.claims);
    const answer = provider.callback();
    return (request, response) => {
      const isInteraction = request.url?.startsWith('/interaction/') === true;
      void (isInteraction ? interact(provider, request, response, openId) : answer(request, response));
    };
  });
  const openId: OpenIdProvider = Object.assign(server, {
    user: 'ada-there',
    refusal: 'access_denied' as const,
    claims: {},
    signIn: (authorization: URL) => follow(authorization, server.origin, cookies),
    signOut: (page: URL) => confirmSignOut(page, server.origin, cookies),
  });
  return openId;
}

function createProvider(
  origin: string,
  { redirectUri, registration }: { readonly redirectUri: string; readonly registration: Registration },
  claims: () => Readonly<Record<string, unknown>>,
) {
  return new Provider(origin, {
    clients: [
      {
        client_id: CLIENT.id,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        ...(registration.jwks === undefined && { client_secret: CLIENT.secret }),
        ...registration,
      },
    ],
    cookies: { keys: ['a key for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      // Its own page loads a font from another origin.
      rpInitiatedLogout: {
        logoutSource: (context, form) => {
          context.body = logoutPage(form);
        },
      },
    },
    // Without the guard against requests to this machine, where the site of a test runs.
    fetch: (url, { dispatcher: _, ...options } = {}) => globalThis.fetch(url, options),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...claims() }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: String(oidc.client?.clientId),
        accountId: String(oidc.session?.accountId),
      });
      grant.addOIDCScope('openid email profile offline_access');
      await grant.save();
      return grant;
    },
  });
}

function logoutPage(form: string): string {
  const button = '<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>';
  return `<!doctype html><html lang="en"><title>Sign out</title>${form}${button}`;
}

/** Signs a user in without a form, or cancels; gives every requested consent. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  { user, refusal: error }: OpenIdProvider,
) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const allow = async () => {
    const grant = new provider.Grant({ clientId: CLIENT.id, accountId: String(session?.accountId) });
    grant.addOIDCScope(String(params['scope']));
    return { consent: { grantId: await grant.save() } };
  };
  const login = user === null ? { error } : { login: { accountId: user } };
  const result = prompt.name === 'consent' ? await allow() : login;
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function follow(start: URL, origin: string, cookies: Map<string, string>): Promise<URL> {
  let url = start;
  while (url.origin === origin) {
    const response = await call(url, cookies);
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
    url = new URL(location, url);
  }
  return url;
}

/** Its page asks for confirmation. */
async function confirmSignOut(page: URL, origin: string, cookies: Map<string, string>): Promise<URL> {
  const text = await (await call(page, cookies)).text();
  const [, action = '', secret = ''] = /action="([^"]+)"[\s\S]*name="xsrf" value="([^"]+)"/.exec(text) ?? [];
  if (secret === '') throw new Error(text);
  const body = new URLSearchParams({ xsrf: secret, logout: 'yes' });
  const response = await call(new URL(action), cookies, { method: 'POST', body });
  return follow(new URL(response.headers.get('location') ?? '', origin), origin, cookies);
}

async function call(url: URL, cookies: Map<string, string>, more: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url, { ...more, headers: { cookie }, redirect: 'manual' });
  for (const line of response.headers.getSetCookie()) {
    const { name, value } = parseSetCookie(line);
    cookies.set(name, value);
  }
  return response;
}
