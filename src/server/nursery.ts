import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves of the nursery together, in bytes. */
const SIZE = 8 * 1024 * 1024;

/**
 * Gives the nursery, where V8 makes new objects, its size for good: large enough that it is seldom searched, and no
 * larger. What a request makes is little and soon over; yet in a flood some of it outlives each collection, and V8
 * would double the nursery and hold that memory from then on. V8 asks for this factor at the moment at which it would
 * grow.
 */
export function keepNursery(): void {
  growNursery();
  setFlagsFromString('--semi-space-growth-factor=1');
}

// V8 enlarges it only when enough of what was made outlives a collection.
function growNursery(): void {
  const kept: object[] = [];
  for (let made = 0; made < 2_000_000 && nurserySize() < SIZE; made += 10_000) {
    for (let index = 0; index < 10_000; index += 1) kept[(made + index) % 50_000] = { index };
  }
}

function nurserySize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? SIZE;
}
