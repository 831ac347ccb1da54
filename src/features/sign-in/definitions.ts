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
