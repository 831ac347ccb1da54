import type { ClientAuth, Configuration, CustomFetchOptions } from 'openid-client';
import { createOutboundFetch, type Proxies, type Resolve } from '../../../platform/outbound/index.ts';
import { type Clock, HOUR, SECOND } from '../../../platform/runtime/index.ts';
import { isLoopbackHost } from '../../../platform/web/index.ts';
import type { Client, OAuth, OpenIdConnect, Provider } from '../providers/provider.ts';
import { webKeyOf } from '../providers/signing-key.ts';
import { CLOCK_TOLERANCE, failureFrom } from './failure.ts';
import { createTolerantFetch } from './tolerant-fetch.ts';

/** The client of one provider. Metadata is discovered again after an hour; while that fails, the known metadata is used. */
export type ProviderClient = {
  readonly provider: Provider;
  readonly configuration: () => Promise<Configuration>;
  /** Requests an address of the provider under the rules of `createOutboundFetch` (A26). */
  readonly fetch: (address: string, options: CustomFetchOptions) => Promise<Response>;
};

export type ClientParts = {
  readonly clock: Clock;
  /** The timeout of each request, in milliseconds. */
  readonly timeout: number;
  /** In development, on a loopback origin, a provider may be on the same machine. */
  readonly baseUrl: URL;
  readonly proxies: Proxies;
  readonly resolve?: Resolve;
};

/** How long a user may wait for a provider, in milliseconds. */
export const PROVIDER_TIMEOUT = 5 * SECOND;
const METADATA_LIFETIME = HOUR;

export function createProviderClient(provider: Provider, parts: ClientParts): ProviderClient {
  const { protocol } = provider;
  const fetch = outboundFetch(provider, parts);
  if (protocol.kind === 'oauth') {
    const { client } = provider;
    if (!('secret' in client)) throw new TypeError('plain OAuth 2 needs a client secret');
    let configuring: Promise<Configuration> | undefined;
    return {
      provider,
      fetch,
      configuration: () => {
        configuring ??= oauthConfiguration(provider, client, protocol, parts);
        return configuring;
      },
    };
  }
  let known: { readonly configuration: Configuration; readonly at: number } | null = null;
  let discovering: Promise<Configuration> | null = null;
  const discover = async () => {
    try {
      const configuration = await discovered(provider, protocol, parts);
      known = { configuration, at: parts.clock() };
      return configuration;
    } catch (error) {
      if (known === null) throw error;
      return known.configuration;
    } finally {
      discovering = null;
    }
  };
  return {
    provider,
    fetch,
    configuration: () => {
      const age = known === null ? Number.NaN : parts.clock() - known.at;
      // A clock that steps back makes nothing younger (A59).
      if (known !== null && age >= 0 && age < METADATA_LIFETIME) return Promise.resolve(known.configuration);
      discovering ??= discover();
      return discovering;
    },
  };
}

async function discovered(
  provider: Provider,
  { issuer }: OpenIdConnect,
  parts: ClientParts,
): Promise<Configuration> {
  const openid = await import('openid-client');
  const isPlain = mayBePlain(issuer, parts);
  const { client } = provider;
  const options = {
    [openid.customFetch]: outboundFetch(provider, parts),
    timeout: parts.timeout / SECOND,
    // OpenID Connect permits not to verify the signature of a token that comes over TLS; verifying costs little.
    execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
  };
  const metadata = { [openid.clockTolerance]: CLOCK_TOLERANCE };
  const authentication = await clientAuth(client);
  const discoverAt = (address: URL) =>
    openid.discovery(address, client.id, metadata, authentication, options);
  const configuration = await discoverAt(issuer).catch(async (error: unknown) => {
    const other = await issuerWithOtherEnd(issuer, error);
    if (other === null) throw error;
    return discoverAt(other);
  });
  const found = configuration.serverMetadata().issuer;
  if (!isMicrosoft(issuer) || isTenantOf(issuer, found)) return configuration;
  const cause = { attribute: 'issuer', body: { issuer: found } };
  throw new openid.ClientError('the issuer is not the tenant of the settings', { cause });
}

/**
 * The issuer that the provider uses, if it differs from that of the settings in its last slash alone: operators copy it
 * with or without, and both have the same metadata address. Everything is validated by the one that the provider uses.
 */
async function issuerWithOtherEnd(issuer: URL, error: unknown): Promise<URL | null> {
  const { code, providerSaid } = await failureFrom(error);
  const said = code === 'issuer-differs' ? URL.parse(providerSaid ?? '') : null;
  return said?.href.replace(/\/$/, '') === issuer.href.replace(/\/$/, '') ? said : null;
}

function isMicrosoft({ hostname }: URL): boolean {
  return hostname === 'login.microsoftonline.com';
}

/**
 * Whether the issuer of Microsoft's metadata is that of the tenant in the settings. openid-client accepts any there: that
 * of all tenants is a pattern, that of a domain has the id of its tenant, and that of version 1 is on another host.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
function isTenantOf(setting: URL, found: string): boolean {
  const [wanted, actual] = [setting, URL.parse(found)].map((url) =>
    url?.pathname.split('/')[1]?.toLowerCase(),
  );
  if (wanted === 'common' || wanted === 'organizations') return true;
  return TENANT_ID.test(wanted ?? '') ? wanted === actual : TENANT_ID.test(actual ?? '');
}

const TENANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function oauthConfiguration(
  provider: Provider,
  client: Extract<Client, { readonly secret: unknown }>,
  protocol: OAuth,
  parts: ClientParts,
): Promise<Configuration> {
  const openid = await import('openid-client');
  const { issuer, authorizationEndpoint, tokenEndpoint } = protocol;
  const metadata = {
    issuer: issuer.href.replace(/\/$/, ''),
    authorization_endpoint: authorizationEndpoint.href,
    token_endpoint: tokenEndpoint.href,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
  const configuration = new openid.Configuration(
    metadata,
    client.id,
    undefined,
    await secretAuth(client.secret),
  );
  configuration[openid.customFetch] = outboundFetch(provider, parts);
  configuration.timeout = parts.timeout / SECOND;
  if (mayBePlain(issuer, parts)) openid.allowInsecureRequests(configuration);
  return configuration;
}

function outboundFetch(
  { protocol, isPrivateNetworkAllowed = false }: Provider,
  { baseUrl, proxies, resolve }: ClientParts,
) {
  const fetch = createOutboundFetch({
    isPrivateNetworkAllowed: isPrivateNetworkAllowed || isLoopbackHost(baseUrl.hostname),
    proxies,
    ...(resolve !== undefined && { resolve }),
  });
  return createTolerantFetch(fetch, { isPlainOAuth: protocol.kind === 'oauth' });
}

function mayBePlain(issuer: URL, { baseUrl }: ClientParts): boolean {
  return issuer.protocol === 'http:' && isLoopbackHost(issuer.hostname) && isLoopbackHost(baseUrl.hostname);
}

async function clientAuth(client: Client): Promise<ClientAuth> {
  if ('secret' in client) return secretAuth(client.secret);
  const { PrivateKeyJwt } = await import('openid-client');
  const { key, keyId: kid } = client.privateKey;
  return PrivateKeyJwt({ key: await webKeyOf(key), ...(kid !== undefined && { kid }) });
}

// The default is `client_secret_basic` (OpenID Connect Discovery 1.0 §3).
async function secretAuth(secret: string | (() => string)): Promise<ClientAuth> {
  const { ClientSecretBasic, ClientSecretPost } = await import('openid-client');
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_post') ? ClientSecretPost : ClientSecretBasic;
    const current = typeof secret === 'string' ? secret : secret();
    return authenticate(current)(server, client, body, headers);
  };
}
