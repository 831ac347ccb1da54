import { composeSystem } from './latchkey.ts';
import { listen } from './server/listen.ts';
import { createNodeServer } from './server/node-server.ts';
import { closeServers, endOnSignals } from './server/shutdown.ts';
import { settingsFromEnvironment } from './settings.ts';

/**
 * The process: settings → latchkey → server.
 * @throws {SettingsError | DatabaseStartError | ListenError} each with a message of one line a fault
 */
export async function serve(environment: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const settings = settingsFromEnvironment(environment, folder);
  const system = composeSystem(settings);
  await system.prepare();
  const servers = await listen(() => createNodeServer(system), settings.hosts, settings.port);
  endOnSignals(async () => {
    await closeServers(servers);
    await system.close();
  });
  console.log(`Latchkey is at ${settings.baseUrl.origin}`);
  console.log(`Its data lies in ${system.core.database.location}`);
}
