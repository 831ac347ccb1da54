import { composeSystem, type Ports, type System } from '../latchkey.ts';
import type { MountParts } from '../library/mount.ts';
import { inTheirWords, type Options, readOptions } from '../library/options.ts';
import { createMetrics } from '../platform/observability/index.ts';
import { testMethod } from './browser-session.ts';
import { createCheapHasher } from './cheap-hasher.ts';

export type ComposedForTests = { readonly system: System; readonly mounting: MountParts };

/**
 * Composes a system as `createLatchkey` does, with the hasher of tests.
 * @throws {SettingsError} when an option is wrong, naming every fault
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function composeForTests(
  options: Options,
  time: Pick<Ports, 'clock' | 'pause'> = {},
): ComposedForTests {
  const { settings, ports } = readOptions(options);
  const metrics = createMetrics();
  const replaced = { hasher: createCheapHasher(), features: () => [testMethod()], ...time };
  const system = inTheirWords(options, () => composeSystem(settings, { ...ports, metrics, ...replaced }));
  return {
    system,
    mounting: { metrics, clientAddress: options.clientAddress, hasPool: ports.openDatabase !== undefined },
  };
}
