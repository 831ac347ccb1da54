import type { AuditRecord } from '../../platform/audit-log/index.ts';
import { type DeviceName, deviceName, UNKNOWN_ADDRESS } from '../../platform/web/index.ts';

/** An event as its user sees it. */
export type ShownEvent = {
  readonly what: string;
  /** How often it happened in a row. */
  readonly times: number;
  /** The browser that caused it; null for none. */
  readonly device: DeviceName | null;
  readonly address: string | null;
  /** Milliseconds of UTC; the last time. */
  readonly happenedAt: number;
};

const MOST_SHOWN = 10;

/** The records of an account as they are shown, newest first; equal ones in a row are combined. */
export function shownEvents(
  records: readonly AuditRecord[],
  describe: (record: AuditRecord) => string,
): readonly ShownEvent[] {
  const shown: ShownEvent[] = [];
  for (const event of records.map((record) => shownEvent(record, describe(record)))) {
    const last = shown.at(-1);
    if (last !== undefined && isAlike(last, event))
      shown[shown.length - 1] = { ...last, times: last.times + 1 };
    else shown.push(event);
  }
  return shown.slice(0, MOST_SHOWN);
}

function shownEvent({ address, userAgent, happenedAt }: AuditRecord, what: string): ShownEvent {
  return {
    what,
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
