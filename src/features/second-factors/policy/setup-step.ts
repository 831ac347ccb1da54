import { z } from 'zod';
import { defineAction, definePage } from '../../../auth/action.ts';
import type { Core } from '../../../auth/core.ts';
import { authCookies } from '../../../auth/definitions.ts';
import type { SignInStep } from '../../../auth/required-steps/sign-in-step.ts';
import { refuseStep, stepReasons } from '../../../auth/required-steps/step-reasons.ts';
import { withFlow } from '../../../platform/web/index.ts';
import { type SetupStepPage, setupStepView } from '../pages.ts';
import type { FactorPolicy } from './policy.ts';

/** The step in which an account sets up the second factor that it needs. */
export const SETUP_STEP = 'second-factor-setup';
const SETUP_PATH = '/login/second-factor-setup';

/** Required of an account that needs a second factor, has none, and whose grace period has ended, whatever the first one is. */
export function setupStep({ demandOn }: FactorPolicy): SignInStep {
  return {
    name: SETUP_STEP,
    path: SETUP_PATH,
    isRequired: async (accountId, facts) => (await demandOn(accountId, { facts }))?.isDue === true,
  };
}

/** The factors that can be set up before a session begins, with their pages. */
function offered({ slots }: Core) {
  return slots().secondFactors.flatMap(({ kind, label, setUpAtSignIn: path }) =>
    path === undefined ? [] : [{ kind, label, path }],
  );
}

/** Says why, and leads to the page of the factor that the user chooses; at once where there is one alone. */
export const setupPage = definePage({
  path: SETUP_PATH,
  access: 'public',
  load:
    (core) =>
    async (context): Promise<Response | SetupStepPage> => {
      core.flows.choose(context, authCookies.pending);
      const current = await core.pendingSignIns.read(context, SETUP_STEP);
      if (current.pending === null) return core.pages.redirect(current.path);
      const [first, ...others] = offered(core);
      if (first !== undefined && others.length === 0)
        return core.pages.redirect(withFlow(first.path, context.flow));
      const choices = offered(core).map(({ label, path }) => ({
        label,
        path: withFlow(path, context.flow),
      }));
      return { username: current.pending.username, choices };
    },
  view: setupStepView,
});

/** The same for API clients. */
export const listSetups = defineAction({
  path: SETUP_PATH,
  access: 'public',
  input: z.object({}),
  reasons: stepReasons,
  run:
    (core) =>
    async ({ context }) => {
      const current = await core.pendingSignIns.read(context, SETUP_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const factors = offered(core).map(({ kind, path }) => ({ kind, path: core.locations.of(path) }));
      return { ok: true, next: offered(core)[0]?.path ?? SETUP_PATH, data: { factors } };
    },
});
