import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

/** The path of HAProxy. @throws {Error} saying how to install it */
export function haproxyPath(): string {
  return toolPath({ name: 'HAProxy', command: 'haproxy', folders: ['/usr/sbin'], package: 'haproxy' });
}

/**
 * Starts a private instance of HAProxy.
 * @param configuration returns its file; it gets a function that writes another file and returns its path
 */
export async function startHaproxy(
  configuration: (write: (name: string, text: string) => string) => string,
): Promise<Omit<PrivateServer, 'url'>> {
  const runAs = unprivileged();
  const folder = privateFolder('haproxy', runAs);
  const write = (name: string, text: string) => privateFile(folder, name, text, runAs);
  const file = write('haproxy.cfg', configuration(write));
  // With a master, which says when its worker listens and ends it with itself.
  const args = ['-W', '-db', '-f', file];
  return startServer({ command: haproxyPath(), args, runAs, folder, readiness: 'Loading success' });
}
