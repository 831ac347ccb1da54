import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import { originOf } from '../../platform/web/index.ts';
import { factsWith, loadFactorStep, noteFactorUse, SECOND_FACTOR_STEP } from '../second-factors/index.ts';
import { createChallenges } from './challenges.ts';
import { KIND } from './definitions.ts';
import { stepView } from './pages.ts';
import { PAGE, SETUP, STEP } from './paths.ts';
import { relyingPartyOf, requestOptions } from './relying-party.ts';
import { restorePasskey, savePasskey } from './saved-passkey.ts';
import { passkeysOf } from './store.ts';
import { usePasskey, useReasons } from './use.ts';
import { labelWords, standingWords } from './words.ts';

async function stepOptions(core: Core, context: RequestContext, accountId: AccountId) {
  const challenge = createChallenges(core).create(context, {
    ceremony: 'second-factor',
    subject: accountId,
  });
  const allowed = await passkeysOf(core.database.queries, accountId);
  return requestOptions(relyingPartyOf(core), { challenge, allowed });
}

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

/** Completes a sign-in by a passkey of its account. Without one, API clients get the options. */
export const proveByPasskey = defineAction({
  path: STEP,
  access: 'public',
  input: z.object({ credential: text() }),
  reasons: { ...useReasons, ...stepReasons },
  run:
    (core) =>
    async ({ context, form, input: { credential } }) => {
      const current = await core.pendingSignIns.read(context, SECOND_FACTOR_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { accountId, flow, facts } = current.pending;
      if (credential === '')
        return { ok: true, next: STEP, data: { options: await stepOptions(core, context, accountId) } };
      const given = { ceremony: 'second-factor', subject: accountId, credential } as const;
      const attempt = await usePasskey(core, { context, form }, given);
      if (!attempt.ok) return attempt;
      const used = attempt.result;
      if (!used.ok) {
        core.announce(authEvents.signInRefused, { accountId, reason: 'wrong-passkey' }, originOf(context));
        return { ok: false, problems: [used.problem] };
      }
      await noteFactorUse(core, used.passkey.factorId);
      const proven = factsWith(facts, { kind: KIND, id: used.passkey.factorId });
      return { ok: true, ...(await core.continueSignIn(context, flow, { facts: proven })) };
    },
});

export function passkeyFactor({ database }: Core): SecondFactor {
  return {
    kind: KIND,
    label: (words) => words(labelWords).label,
    path: STEP,
    managed: PAGE,
    setUpAtSignIn: SETUP,
    isBackup: false,
    isPhishingResistant: true,
    standing: async (accountId) => {
      const { length: count } = await passkeysOf(database.queries, accountId);
      return (words) => ({ text: words(standingWords).some(count), advice: null });
    },
    save: savePasskey,
    restore: restorePasskey,
  };
}
