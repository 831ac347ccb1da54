import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both semi-spaces together, in bytes. */
const SIZE = 8 * 1024 * 1024;

/**
 * Pins the size of V8’s young generation. In a flood of requests enough new objects survive a collection that V8 would
 * double it again and again, up to 128 MB, and never return that memory. At its initial 1 MB it would be collected too
 * often. `--max-semi-space-size` has no effect once the process runs. V8 reads the growth factor each time it grows.
 */
export function pinYoungGeneration(): void {
  growYoungGeneration();
  setFlagsFromString('--semi-space-growth-factor=1');
}

// V8 grows it only when enough objects survive a collection.
function growYoungGeneration(): void {
  const kept: object[] = [];
  for (let made = 0; made < 2_000_000 && youngGenerationSize() < SIZE; made += 10_000) {
    for (let index = 0; index < 10_000; index += 1) kept[(made + index) % 50_000] = { index };
  }
}

function youngGenerationSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? SIZE;
}
