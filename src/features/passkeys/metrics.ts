import { defineService } from '../../auth/services.ts';
import { createCounter } from '../../platform/observability/index.ts';
import { type Ceremony, CREATIONS, USES } from './challenges.ts';

/** What came of a ceremony: it was accepted, or the reason for which it was not. */
export type PasskeyOutcome =
  | 'accepted'
  | 'passkey-unknown'
  | 'passkey-refused'
  | 'passkey-expired'
  | 'user-not-verified'
  | 'too-many-passkeys'
  | 'too-many';

/** Counts a passkey that was created, used or removed. */
export type CountPasskey = (ceremony: Ceremony | 'remove', outcome: PasskeyOutcome) => void;

const OF_CREATIONS: readonly PasskeyOutcome[] = [
  'accepted',
  'passkey-refused',
  'passkey-expired',
  'user-not-verified',
];
const OF_USES: readonly PasskeyOutcome[] = [...OF_CREATIONS, 'passkey-unknown', 'too-many'];

/** The counter of passkeys; it counts nothing where there are no metrics. */
export const passkeyCounter = defineService<CountPasskey>({
  create: ({ metrics }) => {
    if (metrics === null) return () => {};
    const count = createCounter(metrics.registry, {
      name: 'latchkey_passkeys_total',
      help: 'Passkeys that were created, used and removed, by the ceremony and what came of it.',
      labels: ['ceremony', 'outcome'],
    });
    // From the start at 0, as every counter.
    for (const ceremony of CREATIONS) for (const outcome of OF_CREATIONS) count({ ceremony, outcome }, 0);
    for (const ceremony of USES) for (const outcome of OF_USES) count({ ceremony, outcome }, 0);
    count({ ceremony: 'remove', outcome: 'accepted' }, 0);
    return (ceremony, outcome) => count({ ceremony, outcome });
  },
});
