import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInProgress } from '../../auth/sign-in.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import type { Next } from '../../platform/outcomes/index.ts';
import { defineCodeStep } from '../second-factors/index.ts';
import { CODES, isLikeCode } from './codes.ts';
import { flashes } from './definitions.ts';
import { countUnused, KIND, spend } from './list.ts';
import { PAGE } from './manage.ts';
import { restoreCodes, saveCodes } from './saved-codes.ts';
import { labelWords, standingWords, stepWords } from './words.ts';

const PATH = '/login/recovery-code';
/** From here on, the user should make a new list. */
const FEW = 3;

/** Completes a sign-in without the factor that was lost, and leads to where factors are set up again. */
export const recoveryStep = defineCodeStep({
  kind: KIND,
  path: PATH,
  words: stepWords,
  isNumeric: false,
  isBackup: true,
  onward: leadToFactors,
});

async function leadToFactors(
  { database }: Core,
  accountId: AccountId,
  { next, data }: SignInProgress,
): Promise<Next> {
  if (data.state !== 'signed-in') return { next };
  const count = await countUnused(database.queries, accountId);
  return { next: paths.security, flashes: [{ flash: flashes.recoveryCodeUsed, count }] };
}

export function recoveryFactor(core: Core): SecondFactor {
  return {
    kind: KIND,
    label: (words) => words(labelWords).label,
    path: PATH,
    managed: PAGE,
    isBackup: true,
    standing: async (accountId) => {
      const left = await countUnused(core.database.queries, accountId);
      return (words) => {
        const text = words(standingWords);
        return { text: text.left(left, CODES), advice: left > FEW ? null : text.few };
      };
    },
    typed: {
      isLike: isLikeCode,
      spend: (context, accountId, typed) => spend(core, context, accountId, typed),
    },
    save: saveCodes,
    restore: restoreCodes,
  };
}
