import type { Configuration } from 'openid-client';
import type { Failure } from '../client/failure.ts';
import type { Provider } from '../providers/provider.ts';
import type { Exchanges } from './exchanges.ts';

/** Where a provider describes its users, which is often another host. */
export type UserSource = {
  readonly address: URL;
  /** Null if there is any response: without a user it is a refusal. */
  readonly failure: Failure | null;
};

/** Requests what describes the user of a sign-in, without one; null if nothing does beside the token. */
export async function tryUserSource(
  { protocol }: Provider,
  configuration: Configuration,
  { get }: Exchanges,
): Promise<UserSource | null> {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  const address = protocol.kind === 'oauth' ? await firstAsked(protocol) : URL.parse(endpoint ?? '');
  if (address === null) return null;
  const answer = await get(address.href);
  return { address, failure: 'reason' in answer ? answer : null };
}

/** The first address that is requested to describe a user. */
async function firstAsked({
  readClaims,
}: Extract<Provider['protocol'], { kind: 'oauth' }>): Promise<URL | null> {
  const asked: URL[] = [];
  // Nothing is requested, so no provider can read claims from it.
  await readClaims(async (address) => void asked.push(address)).catch(() => null);
  return asked[0] ?? null;
}
