import type { Core } from '../../../auth/core.ts';
import { type Resources, readResources } from '../../../platform/runtime/index.ts';
import type { Fault, SettingsOf } from '../../../platform/settings/index.ts';
import { passwordSettings } from '../settings.ts';
import { formatParameters } from './parameters.ts';
import { describeShortage, planHashing } from './thread-count.ts';

/** What to do where the memory is too little. */
export const MEMORY_ADVICE = 'give the process more memory, or PASSWORD_HASH a smaller m';

/** A hash that takes more memory than there is would end the process at the first sign-in. */
export function memoryFaults(
  settingsOf: SettingsOf,
  _site?: unknown,
  resources: Resources = readResources(),
): readonly Fault[] {
  const { passwordHash } = settingsOf(passwordSettings);
  const plan = planHashing(passwordHash, resources);
  if (plan.fits !== 'not') return [];
  const message = `is ${formatParameters(passwordHash)}: ${describeShortage(plan)}; ${MEMORY_ADVICE}`;
  return [{ name: 'PASSWORD_HASH', message }];
}

/** At start, for operators who read the log; the doctor reports the same. */
export function warnOfShortMemory({ log, settingsOf }: Pick<Core, 'log' | 'settingsOf'>): void {
  const problem = describeShortage(planHashing(settingsOf(passwordSettings).passwordHash, readResources()));
  if (problem !== null) log.warn({ event: 'memory-short', problem, fix: MEMORY_ADVICE });
}
