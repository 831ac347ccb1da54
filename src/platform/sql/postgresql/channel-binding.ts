import { EventEmitter } from 'node:events';
import type { ClientBase } from 'pg';
import { z } from 'zod';

const withConnection = z.object({
  connection: z.custom<EventEmitter & { readonly stream: { destroy(): void } }>(
    (value) => value instanceof EventEmitter && 'stream' in value,
  ),
});
const offer = z.object({ mechanisms: z.array(z.string()) });

/** The mechanism that binds: SCRAM with a hash of the server's certificate (RFC 5929 §4). */
const BINDING = 'SCRAM-SHA-256-PLUS';

const isBound = new WeakSet<ClientBase>();

/** The message of the error of a connection that is not bound. */
export const NOT_BOUND = 'the user was not authenticated by what is bound to this TLS connection';

/**
 * Ends a connection on which anything is asked for that is not bound to its TLS, before it is sent. The driver binds where
 * the server offers it, and goes on without where it does not.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING
 */
export function requireChannelBinding(client: ClientBase): void {
  const { connection } = withConnection.parse(client);
  const refuse = () => {
    connection.emit('error', new Error(NOT_BOUND));
    connection.stream.destroy();
  };
  connection.prependListener('authenticationSASL', (message: unknown) => {
    if (offer.safeParse(message).data?.mechanisms.includes(BINDING) === true) isBound.add(client);
    else refuse();
  });
  for (const other of ['authenticationCleartextPassword', 'authenticationMD5Password'])
    connection.prependListener(other, refuse);
}

/** Refuses a connection that is open, but was never bound: the server asked for nothing. @throws {Error} */
export function refuseUnbound(client: ClientBase): void {
  if (!isBound.has(client)) throw new Error(NOT_BOUND);
}
