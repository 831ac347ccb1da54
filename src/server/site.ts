import type { Server } from 'node:net';
import type { CoreSettings } from '../auth/settings.ts';
import type { System } from '../latchkey.ts';
import { SECOND } from '../platform/runtime/index.ts';
import { type Connections, createConnections } from './connections.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { listen } from './listen.ts';
import { createPlainServer, createTlsServer } from './node-server.ts';
import { createRedirectServer } from './redirect-server.ts';
import { closeServers } from './shutdown.ts';
import {
  problemOfCertificate,
  readTlsFiles,
  TLS_POLICY,
  type TlsFiles,
  type TlsIdentity,
  watchTlsFiles,
} from './tls.ts';

/** The files, and the certificate that they contained at start. */
export type SiteTls = { readonly files: TlsFiles; readonly identity: TlsIdentity };

export type SiteOptions = {
  readonly limits?: ServerLimits;
  /** How often the files of the certificate are read, in milliseconds. */
  readonly certificateInterval?: number;
};

export type Site = {
  /** Waits for the open requests. */
  readonly close: () => Promise<void>;
};

const CERTIFICATE_INTERVAL = 10 * SECOND;

/**
 * Reads the certificate and key that the settings name; null if they name none.
 * @throws {SettingsError} when they cannot be used
 */
export function tlsOf({ tlsCert, tlsKey }: CoreSettings): SiteTls | null {
  if (tlsCert === undefined || tlsKey === undefined) return null;
  const files = { certificate: tlsCert, key: tlsKey };
  return { files, identity: readTlsFiles(files) };
}

/**
 * Listens on the addresses of the settings.
 * @throws {ListenError} when a port is taken or may not be used
 */
export async function openSite(
  system: System,
  tls: SiteTls | null,
  { limits = SERVER_LIMITS, certificateInterval = CERTIFICATE_INTERVAL }: SiteOptions = {},
): Promise<Site> {
  const { hosts, port, maxConnections } = system.core.settings;
  const connections = createConnections(maxConnections);
  system.core.metrics?.watchConnections(connections.count);
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
  warnOfProblem(system, identity);
  const endWatch = watchTlsFiles(tls.files, identity, certificateInterval, {
    replace: (replacement) => {
      for (const server of servers) server.setSecureContext({ ...TLS_POLICY, ...replacement });
      system.core.log.info({ event: 'certificate-replaced' });
      warnOfProblem(system, replacement);
    },
    reject: (problem) => system.core.log.warn({ event: 'certificate-not-replaced', problem }),
  });
  return {
    close: () => {
      endWatch();
      return closeServers([...servers, ...redirects], connections, limits.graceTime);
    },
  };
}

async function listenForPlain(
  system: System,
  connections: Connections,
  limits: ServerLimits,
): Promise<readonly Server[]> {
  const { hosts, tlsRedirectPort: number } = system.core.settings;
  if (number === undefined) return [];
  const makeServer = () => createRedirectServer(system, connections, limits);
  return listen(makeServer, hosts, { setting: 'TLS_REDIRECT_PORT', number });
}

function warnOfProblem({ core }: System, identity: TlsIdentity): void {
  const problem = problemOfCertificate(identity, core.settings.baseUrl.hostname, core.clock());
  if (problem !== null) core.log.warn({ event: 'certificate-unfit', problem });
}
