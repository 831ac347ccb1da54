import { definePage } from '../../../auth/action.ts';
import type { Core } from '../../../auth/core.ts';
import type { SignInStep } from '../../../auth/required-steps/sign-in-step.ts';
import { withFlow } from '../../../platform/web/index.ts';
import { defineChoices, openStep } from '../open-step.ts';
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
      const pending = await openStep(core, context, SETUP_STEP);
      if (pending instanceof Response) return pending;
      const [first, ...others] = offered(core);
      if (first !== undefined && others.length === 0)
        return core.pages.redirect(withFlow(first.path, context.flow));
      const choices = offered(core).map(({ label, path }) => ({
        label,
        path: withFlow(path, context.flow),
      }));
      return { username: pending.username, choices };
    },
  view: setupStepView,
});

/** The same for API clients. */
export const listSetups = defineChoices({ name: SETUP_STEP, path: SETUP_PATH }, offered);
