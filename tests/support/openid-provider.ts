import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { type ProviderServer, startProviderServer } from './provider-server.ts';
import { parseSetCookie } from './set-cookie.ts';
import { CLIENT } from './twin-provider.ts';

/** A real OpenID provider, at which whoever comes is signed in as one person. */
export type OpenIdProvider = ProviderServer & {
  /** Who is signed in; null for whoever changes their mind. */
  person: string | null;
  claims: Readonly<Record<string, unknown>>;
  /** A browser that goes there and follows it until it is sent back. @returns the address that it is sent back to */
  readonly signIn: (authorization: URL) => Promise<URL>;
};

/** @param redirectUri the one address that it sends people back to */
export async function startOpenIdProvider(redirectUri: string): Promise<OpenIdProvider> {
  const cookies = new Map<string, string>();
  const server = await startProviderServer((origin) => {
    const provider = createProvider(origin, redirectUri, () => openId.claims);
    const answer = provider.callback();
    return (request, response) => {
      const isInteraction = request.url?.startsWith('/interaction/') === true;
      void (isInteraction ? interact(provider, request, response, openId.person) : answer(request, response));
    };
  });
  const openId: OpenIdProvider = Object.assign(server, {
    person: 'ada-there',
    claims: {},
    signIn: (authorization: URL) => follow(authorization, server.origin, cookies),
  });
  return openId;
}

function createProvider(
  origin: string,
  redirectUri: string,
  claims: () => Readonly<Record<string, unknown>>,
) {
  return new Provider(origin, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    cookies: { keys: ['a key for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...claims() }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: String(oidc.client?.clientId),
        accountId: String(oidc.session?.accountId),
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
}

/** Signs somebody in without asking, or lets them change their mind. */
function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  person: string | null,
) {
  const result = person === null ? { error: 'access_denied' } : { login: { accountId: person } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function follow(start: URL, origin: string, cookies: Map<string, string>): Promise<URL> {
  let url = start;
  while (url.origin === origin) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const { name, value } = parseSetCookie(line);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
    url = new URL(location, url);
  }
  return url;
}
