import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { PATIENCE } from './ask.ts';
import { type Site, serverName } from './site.ts';

/**
 * Shakes hands over TLS, whatever the certificate, and hands the connection over before it is closed.
 * @returns what `look` saw, or null when the server does not shake hands in this way
 */
export async function handshake<Seen>(
  site: Site,
  options: ConnectionOptions,
  look: (socket: TLSSocket) => Seen,
): Promise<Seen | null> {
  const { hostname: host, port } = site;
  const socket = connect({ host, port, ...serverName(site), rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(PATIENCE) });
    return look(socket);
  } catch {
    return null;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
