import { z } from 'zod';
import { type Hop, hopsOfForwarded, hopsOfForwardedFor, plainAddress } from './forwarded.ts';

/** What the server hands over beside the request; an application that mounts us may hand over the same. */
const connection = z.object({
  incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }),
});

/** Stands for the address of a request of which nobody told where it came from. */
export const UNKNOWN_ADDRESS = 'unknown';

/** The address that a request came from, or `unknown` where nobody told. */
export type ClientAddress = (headers: Headers, environment: unknown) => string;

/** Whether an address belongs to a trusted proxy. */
export type IsTrustedProxy = (address: string) => boolean;

/**
 * Decides whose word counts. Headers are read only where the connection comes from a trusted proxy; then the client
 * is the nearest station that is no trusted proxy, as everything beyond it may be made up (A08).
 * @param isTrusted null where no proxy is trusted
 * @param header the one that those proxies write; either where it is left out
 */
export function createClientAddress(
  isTrusted: IsTrustedProxy | null,
  header?: ForwardedHeader,
): ClientAddress {
  if (isTrusted === null) return (_, environment) => peerAddress(environment);
  return (headers, environment) => {
    const peer = peerAddress(environment);
    if (peer === UNKNOWN_ADDRESS || !isTrusted(peer)) return peer;
    let nearest = peer;
    for (const hop of toldHops(headers, header).toReversed()) {
      // The proxy that wrote this could not say more, so it stands for whoever is behind it.
      if (hop === null) return nearest;
      nearest = hop;
      if (!isTrusted(hop)) return nearest;
    }
    return nearest;
  };
}

/** Which of the two headers the trusted proxies write. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/**
 * What the two headers tell. A proxy writes one of them and hands on the other as the client sent it. Where no setting
 * says which, neither counts when they disagree.
 */
function toldHops(headers: Headers, header?: ForwardedHeader): readonly Hop[] {
  const forwardedFor = header === 'forwarded' ? null : headers.get('x-forwarded-for');
  const forwarded = header === 'x-forwarded-for' ? null : headers.get('forwarded');
  const fromForwarded = forwarded === null ? null : (hopsOfForwarded(forwarded) ?? []);
  if (forwardedFor === null) return fromForwarded ?? [];
  const fromForwardedFor = hopsOfForwardedFor(forwardedFor);
  const isAgreed = fromForwarded === null || fromForwarded.join() === fromForwardedFor.join();
  return isAgreed ? fromForwardedFor : [];
}

/** The other end of the connection, be it a proxy or not; or `unknown`. */
export function peerAddress(environment: unknown): string {
  const parsed = connection.safeParse(environment);
  return parsed.success ? plainAddress(parsed.data.incoming.socket.remoteAddress) : UNKNOWN_ADDRESS;
}
