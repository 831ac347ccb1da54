import type { Feature } from '../../src/core/feature.ts';
import { composeSystem } from '../../src/latchkey.ts';
import { settingsFromOptions } from '../../src/settings.ts';
import { SECRET_KEY } from './system.ts';

/** The features as they are composed, with everything on that can be, for the tests that compare what they declare with what they do. */
export async function composedFeatures(): Promise<readonly Feature[]> {
  const system = composeSystem(
    settingsFromOptions({
      databaseUrl: 'sqlite::memory:',
      secretKey: SECRET_KEY,
      logLevel: 'silent',
      cspReports: 'on',
      magicLink: 'on',
      githubClientId: 'client',
      githubClientSecret: 'secret',
    }),
  );
  await system.close();
  return system.features;
}
