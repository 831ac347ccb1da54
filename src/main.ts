import { composeSystem, mailboxPath, type Ports, type Settings, type System } from './latchkey.ts';
import { createMetrics, measureProcess } from './platform/observability/index.ts';
import { openMetricsEndpoint } from './server/metrics-server.ts';
import { endOnSignals } from './server/shutdown.ts';
import { openSite, type Site, type SiteTls, tlsOf } from './server/site.ts';
import { pinYoungGeneration } from './server/young-generation.ts';

export type Configuration = { readonly settings: Settings; readonly ports: Ports };

/**
 * The process: settings → latchkey → server.
 * @param configuration all settings, and what an application has given besides
 * @throws {SettingsError | DatabaseStartError | ListenError} with one line per fault
 */
export async function serve({ settings, ports }: Configuration): Promise<void> {
  pinYoungGeneration();
  const tls = tlsOf(settings);
  const metrics =
    settings.metricsPort === undefined ? null : createMetrics({ ofProcess: await measureProcess() });
  const system = composeSystem(settings, { ...ports, metrics });
  const site = await start(system, tls).catch(async (error) => {
    // An open database connection would keep the process alive.
    await system.close();
    throw error;
  });
  endOnSignals(async () => {
    await site.close();
    await system.close();
  });
  announceStart(system);
}

async function start(system: System, tls: SiteTls | null): Promise<Site> {
  await system.prepare();
  system.startWork();
  const endpoint = await openMetricsEndpoint(system.core.settings, system.core.metrics);
  const site = await openSite(system, tls).catch(async (error) => {
    await endpoint.close();
    throw error;
  });
  return {
    close: async () => {
      await site.close();
      await endpoint.close();
    },
  };
}

// In production stdout has JSON lines only, so that a log collector can read all of it.
function announceStart({ core: { log, settings, database, mail } }: System): void {
  const address = settings.baseUrl.origin + settings.basePath;
  if (settings.isSecure) {
    log.info({ event: 'started', address, data: database.location });
  } else {
    console.log(`Latchkey is at ${address}`);
    if (settings.baseUrl.port !== String(settings.port)) console.log(`It listens on port ${settings.port}`);
    if (mail.mailbox !== null) console.log(`Mail is shown at ${address}${mailboxPath}`);
    console.log(`Its data lies in ${database.location}`);
  }
}
