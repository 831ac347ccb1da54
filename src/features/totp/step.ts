import type { Core } from '../../auth/core.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import { MAX_FROM_UNKNOWN_DEVICES } from '../../platform/rate-limit/index.ts';
import { defineCodeStep } from '../second-factors/index.ts';
import { PAGE } from './authenticator.ts';
import { restoreSecret, saveSecret } from './saved-secret.ts';
import { spendTotp } from './secrets.ts';
import { KIND } from './set-up.ts';
import { SETUP_PATH } from './sign-in-setup.ts';
import { secretOf } from './store.ts';
import { isLikeCode } from './totp.ts';
import { labelWords, standingWords, stepWords } from './words.ts';

const PATH = '/login/authenticator';

export const authenticatorStep = defineCodeStep({
  kind: KIND,
  path: PATH,
  words: stepWords,
  isNumeric: true,
});

export function authenticatorFactor(core: Core): SecondFactor {
  return {
    kind: KIND,
    label: (words) => words(labelWords).label,
    path: PATH,
    managed: PAGE,
    setUpAtSignIn: SETUP_PATH,
    isBackup: false,
    standing: async (accountId) => {
      const failures = (await secretOf(core.database.queries, accountId))?.failures ?? 0;
      return (words) => {
        const text = words(standingWords);
        const isDisabled = failures >= MAX_FROM_UNKNOWN_DEVICES;
        return { text: text.setUp, advice: isDisabled ? text.disabled : null };
      };
    },
    typed: {
      isLike: isLikeCode,
      spend: (context, accountId, typed) => spendTotp(core, context, accountId, typed),
    },
    save: saveSecret,
    restore: restoreSecret,
  };
}
