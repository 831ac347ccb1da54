import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

/** The path of Caddy. @throws {Error} saying how to install it */
export function caddyPath(): string {
  return toolPath({
    name: 'Caddy',
    command: 'caddy',
    folders: ['/usr/bin', '/opt/homebrew/bin'],
    package: 'caddy',
  });
}

/**
 * Starts a private instance of Caddy.
 * @param configuration returns the Caddyfile; it gets a function that writes another file and returns its path
 * @param environment variables that the Caddyfile refers to
 */
export async function startCaddy(
  configuration: (write: (name: string, text: string) => string) => string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Omit<PrivateServer, 'url'>> {
  const runAs = unprivileged();
  const folder = privateFolder('caddy', runAs);
  const write = (name: string, text: string) => privateFile(folder, name, text, runAs);
  const file = write('Caddyfile', configuration(write));
  // All that Caddy stores is below its home folder.
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const own = [`HOME=${folder}`, `XDG_DATA_HOME=${folder}`, `XDG_CONFIG_HOME=${folder}`];
  return startServer({
    command: '/usr/bin/env',
    args: [...own, ...variables, caddyPath(), 'run', '--config', file, '--adapter', 'caddyfile'],
    runAs,
    folder,
    readiness: 'serving initial configuration',
  });
}
