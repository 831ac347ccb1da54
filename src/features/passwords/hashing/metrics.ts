import { addGauge, createHistogram, type Registry } from '../../../platform/observability/index.ts';
import { SECOND } from '../../../platform/runtime/index.ts';

/** Reports that a password was hashed or verified, and how long that took including the queue, in milliseconds. */
export type ObserveHash = (operation: 'hash' | 'verify', milliseconds: number) => void;

/** How many hashes are being computed, and how many are queued. */
export type HashingLoad = { readonly running: number; readonly waiting: number };

export function measureHashing(registry: Registry) {
  const durations = createHistogram(registry, {
    name: 'latchkey_password_hash_duration_seconds',
    help: 'How long hashing or verifying a password took, with its time in line.',
    labels: ['operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const gauge = (name: string, help: string, read: () => number) => addGauge(registry, { name, help }, read);
  const observe: ObserveHash = (operation, milliseconds) => durations({ operation }, milliseconds / SECOND);
  const watchLoad = (load: () => HashingLoad): void => {
    gauge('latchkey_password_hashes_running', 'Hashes that the threads have.', () => load().running);
    gauge('latchkey_password_hashes_waiting', 'Hashes that wait in line.', () => load().waiting);
  };
  return { observe, watchLoad };
}
