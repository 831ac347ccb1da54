/** NIST SP 800-63B-4 §3.2.2: what has failed so often in a row is disabled until it is replaced. */
export const MAX_CONSECUTIVE_FAILURES = 100;
/** The maximum from unknown devices: the rest is for the owner (A07). */
export const MAX_FROM_UNKNOWN_DEVICES = 90;

/** How many failures in a row a device may bring about. */
export function maxConsecutiveFailures(isKnownDevice: boolean): number {
  return isKnownDevice ? MAX_CONSECUTIVE_FAILURES : MAX_FROM_UNKNOWN_DEVICES;
}
