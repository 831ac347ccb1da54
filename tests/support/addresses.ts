import type { Event, Origin } from '../../src/core/events.ts';

/** The address that an event came from; null for what no request did. */
export function addressOf(event: (Event & Origin) | undefined): string | null {
  return event !== undefined && 'address' in event ? event.address : null;
}
