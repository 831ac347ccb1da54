import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the nursery, where V8 makes new objects, at the size that starting has given it. What a request makes is
 * little and soon over; yet in a flood some of it outlives each collection, and V8 would double the nursery and hold
 * that memory from then on. V8 asks for this factor at the moment at which it would grow.
 */
export function keepNursery(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
