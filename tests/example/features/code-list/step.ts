import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { authCookies } from '../../auth/definitions.ts';
import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import type { Database } from '../../auth/schema.ts';
import { originOf } from '../../platform/web/index.ts';
import { events, limits } from './definitions.ts';
import { stepView } from './pages.ts';
import { countCodes, spendCode } from './store.ts';
import { stepWords } from './words.ts';

const STEP = 'listed-code';
const PATH = '/login/listed-code';

/** Required of each account with a list, whatever the first factor is, until a code has completed this sign-in. */
export function codeStep({ queries }: Database): SignInStep {
  return {
    name: STEP,
    path: PATH,
    isRequired: async (accountId, facts) =>
      !facts.includes(STEP) && (await countCodes(queries, accountId)) > 0,
  };
}

export const codeStepPage = definePage({
  path: PATH,
  access: 'public',
  load:
    ({ flows, pages, pendingSignIns }) =>
    async (context) => {
      flows.choose(context, authCookies.pending);
      const current = await pendingSignIns.read(context, STEP);
      return current.pending === null ? pages.redirect(current.path) : { username: current.pending.username };
    },
  view: stepView,
});

export const submitCode = defineAction({
  path: PATH,
  access: 'public',
  input: z.object({ code: text() }),
  reasons: {
    'code-refused': { status: 401, field: 'code', text: (words) => words(stepWords).refused },
    ...stepReasons,
  },
  run:
    ({ announce, continueSignIn, database, pendingSignIns, throttle }) =>
    async ({ context, form, input: { code } }) => {
      const current = await pendingSignIns.read(context, STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { accountId, flow, facts } = current.pending;
      const counted = [{ limit: limits['listed-codes'], key: accountId }];
      const attempt = await throttle({ context, counted, form, subject: accountId }, async () => {
        const isSpent = await spendCode(database.queries, accountId, code.replaceAll(/\s/g, ''));
        return { result: isSpent, verdict: isSpent ? 'succeeded' : 'failed' };
      });
      if (!attempt.ok) return attempt;
      if (!attempt.result) {
        announce(events.codeRefused, { accountId }, originOf(context));
        return { ok: false, problems: [{ reason: 'code-refused' }] };
      }
      return { ok: true, ...(await continueSignIn(context, flow, { facts: [...facts, STEP] })) };
    },
});
