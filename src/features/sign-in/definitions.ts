import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { flashWords } from './words.ts';

export const flashes = defineFlashes(flashWords, {
  signInCancelled: 'notice',
});

/** Limits on sign-ins with a correct password; failures share the limits of passwords. */
export const limits = defineLimits({
  'sign-ins-of-account': {
    counts:
      'sign-ins to one account with one password from all addresses, and separately from known devices; reported only after the correct password',
    rule: { max: 100, window: HOUR },
    ofSuccesses: true,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /login'],
    costs: 'a hash, a session, records',
    bound:
      'failures: `account`, `account-and-address`, `address`, `network`, `names`, `site`, `pace`, `common-passwords`, `device`; successes: `right-passwords`, `sign-ins-of-account`',
  },
  { routes: ['POST /login/cancel', 'POST /logout'], costs: 'deletes rows', bound: 'only rows of the user' },
];
