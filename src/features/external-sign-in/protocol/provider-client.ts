import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import { type Clock, HOUR, SECOND } from '../../../core/clock.ts';
import { isLoopbackHost } from '../../../core/http/own-host.ts';
import type { OAuth, OpenIdConnect, Provider } from '../providers/provider.ts';
import { createOutboundFetch, type Resolve } from './outbound-fetch.ts';

/** What is known of a provider; it is asked for anew after an hour, and what was known stands while it does not answer. */
export type ProviderClient = {
  readonly provider: Provider;
  readonly configuration: () => Promise<Configuration>;
};

export type ClientParts = {
  readonly clock: Clock;
  /** How long each answer of a provider may take, in milliseconds. */
  readonly timeout: number;
  /** Where this site is: beside a site in development its provider may be on the same machine. */
  readonly baseUrl: URL;
  readonly resolve?: Resolve;
};

/** As long as somebody who signs in may wait for it, in milliseconds. */
export const PROVIDER_TIMEOUT = 5 * SECOND;
const METADATA_LIFETIME = HOUR;

export function createProviderClient(provider: Provider, parts: ClientParts): ProviderClient {
  const { protocol } = provider;
  if (protocol.kind === 'oauth') {
    const configuration = oauthConfiguration(provider, protocol, parts);
    return { provider, configuration: async () => configuration };
  }
  let known: { readonly configuration: Configuration; readonly at: number } | null = null;
  let asking: Promise<Configuration> | null = null;
  const ask = async () => {
    try {
      const configuration = await discovered(provider, protocol, parts);
      known = { configuration, at: parts.clock() };
      return configuration;
    } catch (error) {
      if (known === null) throw error;
      return known.configuration;
    } finally {
      asking = null;
    }
  };
  return {
    provider,
    configuration: () => {
      const age = known === null ? Number.NaN : parts.clock() - known.at;
      // A clock that has stepped back makes nothing younger (A59).
      if (known !== null && age >= 0 && age < METADATA_LIFETIME) return Promise.resolve(known.configuration);
      asking ??= ask();
      return asking;
    },
  };
}

function discovered({ client, isInside }: Provider, { issuer }: OpenIdConnect, parts: ClientParts) {
  const isPlain = mayBePlain(issuer, parts);
  return discovery(issuer, client.id, undefined, secretAuth(client.secret), {
    [customFetch]: outboundFetch(isInside, parts),
    timeout: parts.timeout / SECOND,
    // OpenID Connect would let the signature go unread, as the token comes over TLS; another eye costs little.
    execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
  });
}

function oauthConfiguration({ client, isInside }: Provider, protocol: OAuth, parts: ClientParts) {
  const { issuer, authorizationEndpoint, tokenEndpoint } = protocol;
  const metadata = {
    issuer: issuer.href.replace(/\/$/, ''),
    authorization_endpoint: authorizationEndpoint.href,
    token_endpoint: tokenEndpoint.href,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
  const configuration = new Configuration(metadata, client.id, undefined, secretAuth(client.secret));
  configuration[customFetch] = outboundFetch(isInside, parts);
  configuration.timeout = parts.timeout / SECOND;
  if (mayBePlain(issuer, parts)) allowInsecureRequests(configuration);
  return configuration;
}

function outboundFetch(isInside: boolean, { baseUrl, resolve }: ClientParts) {
  return createOutboundFetch({
    isInside: isInside || isLoopbackHost(baseUrl.hostname),
    ...(resolve !== undefined && { resolve }),
  });
}

function mayBePlain(issuer: URL, { baseUrl }: ClientParts): boolean {
  return issuer.protocol === 'http:' && isLoopbackHost(issuer.hostname) && isLoopbackHost(baseUrl.hostname);
}

// What a provider does not say is `client_secret_basic` (OpenID Connect Discovery 1.0 §3).
function secretAuth(secret: Provider['client']['secret']): ClientAuth {
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_post') ? ClientSecretPost : ClientSecretBasic;
    const current = typeof secret === 'string' ? secret : secret();
    return authenticate(current)(server, client, body, headers);
  };
}
