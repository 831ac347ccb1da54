import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { programPath } from './system-packages.ts';

/** Where Caddy is. @throws {Error} saying how to get it */
export function caddyPath(): string {
  return programPath({
    name: 'Caddy',
    program: 'caddy',
    folders: ['/usr/bin', '/opt/homebrew/bin'],
    package: 'caddy',
  });
}

/**
 * Starts a Caddy of our own.
 * @param configuration makes the Caddyfile, given how a file of its own is written: it gives back where that lies
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
  // Whatever Caddy keeps, it keeps below its home.
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const own = [`HOME=${folder}`, `XDG_DATA_HOME=${folder}`, `XDG_CONFIG_HOME=${folder}`];
  return startServer({
    program: '/usr/bin/env',
    words: [...own, ...variables, caddyPath(), 'run', '--config', file, '--adapter', 'caddyfile'],
    runAs,
    folder,
    readiness: 'serving initial configuration',
  });
}
