import { z } from 'zod';

/** What the server hands over beside the request; an application that mounts us may hand over the same. */
const connection = z.object({
  incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }),
});

/** Stands for the address of a request of which nobody told where it came from. */
export const UNKNOWN_ADDRESS = 'unknown';

/** The address that the request came from, or `unknown` where nobody told. Headers are never believed. */
export function clientAddress(environment: unknown): string {
  const parsed = connection.safeParse(environment);
  if (!parsed.success) return UNKNOWN_ADDRESS;
  const address = parsed.data.incoming.socket.remoteAddress;
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
