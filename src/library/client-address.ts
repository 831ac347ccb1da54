import { z } from 'zod';
import { addressOfNode, type KnownClient, UNKNOWN_ADDRESS } from '../platform/web/index.ts';
import { currentPeer } from './connection.ts';

/**
 * Where a request comes from: the address of the connection's other end, or Node's request. `'unknown'` says that it
 * cannot be known, and turns off the limits by address.
 */
export type From =
  | { readonly address: string }
  | { readonly incoming: { readonly socket: { readonly remoteAddress?: string | undefined } } }
  | 'unknown';

/**
 * The address of a client where only the platform knows it, such as from a header that it sets; null where it does not. A
 * port is ignored, what is no address counts as null, and no trusted proxy is asked after it.
 */
export type FindClientAddress = (request: Request) => string | null;

/** Thrown in production for a request without an address, instead of serving it without limits by address. */
export class ClientAddressError extends Error {
  override readonly name = 'ClientAddressError';
}

const EXPLANATION =
  'the address of the client is not known, and without it no limit on attempts by address holds; pass it as the second argument, ' +
  "as { address } or { incoming } with Node's request, or set the option clientAddress; pass 'unknown' to go without";

export type PeerParts = {
  readonly clientAddress: FindClientAddress | undefined;
  /** Whether a request without an address is refused. */
  readonly isRequired: boolean;
  /** Called once, for the first request without an address. */
  readonly warn: (explanation: string) => void;
};

/** What the system reads the other end of a connection from. */
export type Connection =
  | KnownClient
  | { readonly incoming: { readonly socket: { readonly remoteAddress?: string } } };

/**
 * Finds the other end of a request's connection: what the option `clientAddress` says, what the caller passed, or the
 * connection that Node.js is answering.
 */
export type Peers = {
  /** @param given what the platform or the application passes beside the request */
  readonly find: (request: Request, given: unknown) => Connection;
  /** The same for requests whose attempts are counted. @throws {ClientAddressError} when there is none and one is required */
  readonly require: (request: Request, given: unknown) => Connection;
};

export function createPeers({ clientAddress, isRequired, warn }: PeerParts): Peers {
  let isWarned = false;
  const find = (request: Request, value: unknown): Connection | null => {
    const client = addressIn(clientAddress?.(request) ?? null);
    if (client !== null) return { client };
    const peer = givenAddress(request, value) ?? currentPeer();
    return peer === null ? null : connectionFrom(peer);
  };
  return {
    find: (request, value) => find(request, value) ?? connectionFrom(UNKNOWN_ADDRESS),
    require: (request, value) => {
      const found = find(request, value);
      if (found !== null) return found;
      if (isRequired) throw new ClientAddressError(EXPLANATION);
      if (!isWarned) warn(EXPLANATION);
      isWarned = true;
      return connectionFrom(UNKNOWN_ADDRESS);
    },
  };
}

function connectionFrom(address: string): Connection {
  return { incoming: { socket: address === UNKNOWN_ADDRESS ? {} : { remoteAddress: address } } };
}

// Platforms write a port behind it, or a list: as a text of its own, each would have limits of its own.
function addressIn(text: string | null): string | null {
  return text === null ? null : addressOfNode(text.trim());
}

const socket = z.object({ remoteAddress: z.string() });
const given = z.union([
  z.literal(UNKNOWN_ADDRESS),
  z.object({ address: z.string() }).transform(({ address }) => addressIn(address)),
  z.object({ incoming: z.object({ socket }) }).transform(({ incoming }) => incoming.socket.remoteAddress),
  z.object({ socket }).transform((incoming) => incoming.socket.remoteAddress),
  // https://docs.deno.com/api/deno/~/Deno.ServeHandlerInfo
  z.object({ remoteAddr: z.object({ hostname: z.string() }) }).transform((info) => info.remoteAddr.hostname),
]);

/** What a platform passes beside a request, such as Hono's `env`, as `From`; undefined if it shows no address. */
export function fromPlatform(request: Request, value: unknown): From | undefined {
  const address = givenAddress(request, value);
  return address === null ? undefined : { address };
}

function givenAddress(request: Request, value: unknown): string | null {
  const parsed = given.safeParse(value);
  return parsed.success ? parsed.data : addressFromBun(request, value);
}

// The second argument of `fetch` in Bun.serve: https://bun.com/docs/api/http
function addressFromBun(request: Request, server: unknown): string | null {
  if (typeof server !== 'object' || server === null || !('requestIP' in server)) return null;
  if (typeof server.requestIP !== 'function') return null;
  const found = z.object({ address: z.string() }).safeParse(server.requestIP(request));
  return found.success ? found.data.address : null;
}
