import { eventWords } from '../../auth/audit/words.ts';
import type { AuditRecord } from '../../platform/audit-log/index.ts';
import { UNKNOWN_ADDRESS } from '../../platform/web/client-address.ts';
import { type DeviceName, deviceName } from '../../platform/web/pages/device-name.ts';

/** Something that happened, for the one whom it happened to. */
export type ShownEvent = {
  readonly what: string;
  /** How often it happened in a row. */
  readonly times: number;
  /** The browser that it came from; null where none did it. */
  readonly device: DeviceName | null;
  readonly address: string | null;
  /** Milliseconds of UTC; the last time. */
  readonly happenedAt: number;
};

const MOST_SHOWN = 10;

/** What is shown of the records of an account, the newest first. What is the same many times in a row is one line. */
export function shownEvents(records: readonly AuditRecord[]): readonly ShownEvent[] {
  const shown: ShownEvent[] = [];
  for (const event of records.map(shownEvent)) {
    const last = shown.at(-1);
    if (last !== undefined && isAlike(last, event))
      shown[shown.length - 1] = { ...last, times: last.times + 1 };
    else shown.push(event);
  }
  return shown.slice(0, MOST_SHOWN);
}

function shownEvent(record: AuditRecord): ShownEvent {
  const { address, userAgent, happenedAt } = record;
  return {
    what: eventWords(record),
    times: 1,
    device: userAgent === null ? null : deviceName(userAgent),
    address: address === UNKNOWN_ADDRESS ? null : address,
    happenedAt,
  };
}

function isAlike(one: ShownEvent, other: ShownEvent): boolean {
  return (
    one.what === other.what &&
    one.address === other.address &&
    one.device?.browser === other.device?.browser &&
    one.device?.system === other.device?.system
  );
}
