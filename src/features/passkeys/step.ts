import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import { originOf, withFlow } from '../../platform/web/index.ts';
import { factsWith, loadFactorStep, noteFactorUse, SECOND_FACTOR_STEP } from '../second-factors/index.ts';
import { KIND } from './definitions.ts';
import { passkeyCounter } from './metrics.ts';
import { canSignInBeside } from './other-methods.ts';
import { stepView } from './pages.ts';
import { PAGE, SETUP, STEP } from './paths.ts';
import { restorePasskey, savePasskey } from './saved-passkey.ts';
import { passkeysOf } from './store.ts';
import { unaskedPasskeysOf } from './unasked.ts';
import { answerUse, useReasons } from './use.ts';
import { labelWords, standingWords } from './words.ts';

export const stepPage = definePage({
  path: STEP,
  access: 'public',
  load: (core) => async (context) => {
    const loaded = await loadFactorStep(core, context, KIND);
    if (loaded instanceof Response) return loaded;
    const { pending, others } = loaded;
    return { username: pending.username, flow: pending.flow, others };
  },
  view: stepView,
});

/** Completes a sign-in by a passkey of its account. */
export const proveByPasskey = defineAction({
  path: STEP,
  access: 'public',
  needs: { count: passkeyCounter },
  input: z.object({ credential: text() }),
  reasons: { ...useReasons, ...stepReasons },
  run:
    (core, { count }) =>
    async ({ context, form, input: { credential } }) => {
      const current = await core.pendingSignIns.read(context, SECOND_FACTOR_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { accountId, flow, facts } = current.pending;
      return answerUse(
        core,
        count,
        { context, form },
        {
          ceremony: 'second-factor',
          subject: accountId,
          credential,
          page: withFlow(STEP, flow),
          refuse: () =>
            core.announce(
              authEvents.signInRefused,
              { accountId, reason: 'wrong-passkey' },
              originOf(context),
            ),
          accept: async ({ factorId }) => {
            await noteFactorUse(core, factorId);
            const proven = factsWith(facts, { kind: KIND, id: factorId });
            return { ok: true, ...(await core.continueSignIn(context, flow, { facts: proven })) };
          },
        },
      );
    },
});

export function passkeyFactor(core: Core): SecondFactor {
  return {
    kind: KIND,
    label: (words) => words(labelWords).label,
    path: STEP,
    managed: PAGE,
    setUpAtSignIn: SETUP,
    isBackup: false,
    isPhishingResistant: true,
    standing: async (accountId) => {
      const { queries } = core.database;
      const { length: count } = await passkeysOf(queries, accountId);
      const isUnasked = count === 1 && (await unaskedPasskeysOf(queries, accountId)).length === 1;
      const isOnlyWay = count === 1 && !(await canSignInBeside(core, accountId, [KIND]));
      return (words) => {
        const { some, unasked, onlyWay, onlyWayButMail } = words(standingWords);
        return {
          text: isUnasked ? unasked : some(count),
          advice: isOnlyWay ? (core.mail.isPossible ? onlyWayButMail : onlyWay) : null,
        };
      };
    },
    save: savePasskey,
    restore: restorePasskey,
  };
}
