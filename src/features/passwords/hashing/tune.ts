import { type Resources, readResources } from '../../../platform/runtime/index.ts';
import { FLOOR, type HashParameters } from './parameters.ts';
import { planHashing, threadsFor } from './thread-count.ts';
import { createHashingThreads } from './threads.ts';

/** What one hash took while as many were computed as a server would at once, in milliseconds: the median of several. */
export type Measurement = { readonly parameters: HashParameters; readonly milliseconds: number };

/** Measures one hash with the given parameters, in milliseconds. */
export type Measure = (parameters: HashParameters) => Promise<number>;

// From OWASP's floor upwards; what does not fit into the cache costs far more than its size suggests.
const MEMORY_KIBIBYTES = [19_456, 32_768, 47_104, 65_536, 131_072, 262_144];
const MOST_PASSES = 50;

/**
 * Finds the strongest parameters whose hash takes at most `limit`. The strength is memory times passes, which limits guessing
 * in bulk; between equals, more memory wins. What does not fit into the memory of this process is not tried.
 * @param limit in milliseconds
 * @returns the strongest, or null when even the floor takes longer; and everything that was measured
 */
export async function tuneParameters(
  limit: number,
  measure: Measure,
  resources: Resources = readResources(),
) {
  const measurements: Measurement[] = [];
  for (const memoryKibibytes of MEMORY_KIBIBYTES) {
    // The floor is measured in any case: there is nothing less.
    const parameters = { ...FLOOR, memoryKibibytes };
    if (memoryKibibytes > FLOOR.memoryKibibytes && planHashing(parameters, resources).fits !== 'well') break;
    const fitting = await mostPasses(memoryKibibytes, limit, measure);
    measurements.push(...fitting.measurements);
    if (!fitting.isAnyFast) break;
  }
  const fast = measurements.filter(({ milliseconds }) => milliseconds <= limit);
  const [strongest = null] = fast.sort((one, other) => strength(other.parameters) - strength(one.parameters));
  return { strongest, measurements };
}

function strength({ memoryKibibytes, passes }: HashParameters): number {
  return memoryKibibytes * passes + memoryKibibytes / 1_000_000;
}

/** Time grows evenly with the passes, so two measurements lead close to the most that fit; then it steps down. */
async function mostPasses(memoryKibibytes: number, limit: number, measure: Measure) {
  const measurements: Measurement[] = [];
  const attempt = async (passes: number) => {
    const parameters = { memoryKibibytes, passes, lanes: 1 };
    const milliseconds = await measure(parameters);
    measurements.push({ parameters, milliseconds });
    return milliseconds;
  };
  const least = await attempt(FLOOR.passes);
  if (least > limit) return { measurements, isAnyFast: false };
  let passes = Math.min(MOST_PASSES, Math.floor((limit / least) * FLOOR.passes));
  while (passes > FLOOR.passes && (await attempt(passes)) > limit) passes -= 1;
  return { measurements, isAnyFast: true };
}

const ROUNDS = 7;

/** Measures on this machine, with as many hashes at once as when many sign in. */
export function createMeasure(rounds: number = ROUNDS, resources: Resources = readResources()) {
  const threads = createHashingThreads(resources.cores);
  const timeOne = async (parameters: HashParameters) => {
    const start = performance.now();
    const password = 'a password to measure with';
    await threads.run({ operation: 'hash', password, pepper: undefined, parameters });
    return performance.now() - start;
  };
  const measure: Measure = async (parameters) => {
    const times: number[] = [];
    const atOnce = threadsFor(parameters, resources);
    for (let round = 0; round < rounds; round += 1) {
      times.push(...(await Promise.all(Array.from({ length: atOnce }, () => timeOne(parameters)))));
    }
    return times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY;
  };
  return { measure, close: threads.close };
}
