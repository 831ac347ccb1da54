import type { Server } from 'node:net';
import type { CoreSettings } from '../auth/settings/resolve.ts';
import type { System } from '../latchkey.ts';
import { SECOND } from '../platform/runtime/clock.ts';
import { type Connections, createConnections } from './connections.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { listen } from './listen.ts';
import { createPlainServer, createTlsServer } from './node-server.ts';
import { createRedirectServer } from './redirect-server.ts';
import { closeServers } from './shutdown.ts';
import { problemOfCertificate, readTlsFiles, type TlsFiles, type TlsIdentity } from './tls-files.ts';
import { TLS_POLICY } from './tls-policy.ts';
import { watchTlsFiles } from './tls-watch.ts';

/** What TLS is served with from the start. */
export type SiteTls = { readonly files: TlsFiles; readonly identity: TlsIdentity };

export type SiteOptions = {
  readonly limits?: ServerLimits;
  /** How often the certificate's files are looked at, in milliseconds. */
  readonly certificateInterval?: number;
};

/** All that listens for a system. */
export type Site = {
  /** Lets the requests under way finish. */
  readonly close: () => Promise<void>;
};

const CERTIFICATE_INTERVAL = 10 * SECOND;

/**
 * Reads the certificate and key that the settings name; null where they name none.
 * @throws {SettingsError} when they cannot be used
 */
export function tlsOf({ tlsCert, tlsKey }: CoreSettings): SiteTls | null {
  if (tlsCert === undefined || tlsKey === undefined) return null;
  const files = { certificate: tlsCert, key: tlsKey };
  return { files, identity: readTlsFiles(files) };
}

/**
 * Begins to listen where the settings say.
 * @throws {ListenError} when a port is taken or may not be used
 */
export async function openSite(
  system: System,
  tls: SiteTls | null,
  { limits = SERVER_LIMITS, certificateInterval = CERTIFICATE_INTERVAL }: SiteOptions = {},
): Promise<Site> {
  const { hosts, port, maxConnections } = system.core.settings;
  const connections = createConnections(maxConnections);
  system.metrics?.watchConnections(connections.count);
  const main = { setting: 'PORT', number: port } as const;
  if (tls === null) {
    const servers = await listen(() => createPlainServer(system, connections, limits), hosts, main);
    return { close: () => closeServers(servers, connections, limits.graceTime) };
  }
  const { identity } = tls;
  const servers = await listen(() => createTlsServer(system, connections, identity, limits), hosts, main);
  const redirects = await listenForPlain(system, connections, limits).catch(async (error) => {
    await closeServers(servers, connections, limits.graceTime);
    throw error;
  });
  tellProblem(system, identity);
  const endWatch = watchTlsFiles(tls.files, identity, certificateInterval, {
    replace: (replacement) => {
      for (const server of servers) server.setSecureContext({ ...TLS_POLICY, ...replacement });
      system.log.info({ event: 'certificate-replaced' });
      tellProblem(system, replacement);
    },
    reject: (problem) => system.log.warn({ event: 'certificate-not-replaced', problem }),
  });
  return {
    close: () => {
      endWatch();
      return closeServers([...servers, ...redirects], connections, limits.graceTime);
    },
  };
}

async function listenForPlain(
  { core: { settings } }: System,
  connections: Connections,
  limits: ServerLimits,
): Promise<readonly Server[]> {
  const { hosts, tlsRedirectPort: number, baseUrl } = settings;
  if (number === undefined) return [];
  const makeServer = () => createRedirectServer(baseUrl.origin, connections, limits);
  return listen(makeServer, hosts, { setting: 'TLS_REDIRECT_PORT', number });
}

function tellProblem({ core, log }: System, identity: TlsIdentity): void {
  const problem = problemOfCertificate(identity, core.settings.baseUrl.hostname, core.clock());
  if (problem !== null) log.warn({ event: 'certificate-unfit', problem });
}
