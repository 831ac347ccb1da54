import type { Configuration } from 'openid-client';
import { proxyFor } from '../../../platform/outbound/index.ts';
import { type Failure, failureFrom } from '../client/failure.ts';
import { type ClientParts, createProviderClient, PROVIDER_TIMEOUT } from '../client/provider-client.ts';
import { callbackPath, type Provider } from '../providers/provider.ts';
import { type ClientAuthentication, tryClient } from './client-authentication.ts';
import { type Discovery, discover } from './discovery.ts';
import { createExchanges, type Exchanges } from './exchanges.ts';
import { examineKeys, type Keys } from './keys.ts';
import { type Redirect, tryRedirect } from './redirect.ts';
import { tryUserSource, type UserSource } from './users.ts';

/** What a provider answers before any user signs in. What could not be tried is null. */
export type Examination = {
  /** The issuer, or the authorization server of a provider without discovery. */
  readonly address: URL;
  /** The proxy through which it is requested, without its user. */
  readonly proxy: string | null;
  readonly discovery: Discovery | null;
  /** Why the metadata that was found cannot be used. */
  readonly unusable: Failure | null;
  /** By how many milliseconds its clock is ahead. */
  readonly skew: number | null;
  readonly keys: Keys | null;
  readonly client: ClientAuthentication | null;
  readonly redirect: Redirect | null;
  readonly users: UserSource | null;
};

export type ExaminationParts = Pick<ClientParts, 'baseUrl' | 'proxies' | 'resolve'> & {
  readonly pageUrl: (path: string) => URL;
};

/** The redirect URI that has to be registered at a provider. */
export function redirectUri(provider: Provider, { pageUrl }: Pick<ExaminationParts, 'pageUrl'>): URL {
  return pageUrl(callbackPath(provider));
}

/**
 * Requests what a sign-in would, without a user: nothing is signed in, and the one secret that is sent is that of this
 * application, to the provider that has issued it.
 */
export async function examineProvider(provider: Provider, parts: ExaminationParts): Promise<Examination> {
  const { protocol } = provider;
  const client = createProviderClient(provider, { clock: Date.now, timeout: PROVIDER_TIMEOUT, ...parts });
  const exchanges = createExchanges(client);
  const address = protocol.issuer;
  const proxy = proxyFor(parts.proxies, address)?.label ?? null;
  const discovery = protocol.kind === 'oauth' ? null : await discover(address, exchanges);
  const nothing = { unusable: null, keys: null, client: null, redirect: null, users: null };
  const about = { address, proxy, discovery };
  if (discovery !== null && discovery.kind !== 'found')
    return { ...about, ...nothing, skew: exchanges.skew() };
  const configuration = await client.configuration().catch(failureFrom);
  if ('reason' in configuration)
    return { ...about, ...nothing, unusable: configuration, skew: exchanges.skew() };
  await exchanges.watch(configuration);
  const tried = await tryAll(provider, configuration, redirectUri(provider, parts), exchanges);
  return { ...about, unusable: null, ...tried, skew: exchanges.skew() };
}

async function tryAll(
  provider: Provider,
  configuration: Configuration,
  callback: URL,
  exchanges: Exchanges,
): Promise<Pick<Examination, 'keys' | 'client' | 'redirect' | 'users'>> {
  const { jwks_uri: keySet, id_token_signing_alg_values_supported: algorithms } =
    configuration.serverMetadata();
  const address = URL.parse(keySet ?? '')?.href;
  const isOpenId = provider.protocol.kind === 'openid-connect';
  return {
    keys: isOpenId && address !== undefined ? await examineKeys(address, algorithms, exchanges) : null,
    client: await tryClient(configuration, callback, exchanges),
    redirect: isOpenId ? await tryRedirect(provider, configuration, callback, exchanges) : null,
    users: await tryUserSource(provider, configuration, exchanges),
  };
}
