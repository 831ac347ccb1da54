import { definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import { provenFactorIn, type SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import { withFlow } from '../../platform/web/index.ts';
import type { RememberedDevices } from '../remembered-devices/index.ts';
import { areAskedFor, factorsOf } from './factors.ts';
import { defineChoices, openStep } from './open-step.ts';
import { type OtherFactor, unavailableView } from './pages.ts';
import { factorRowsOf } from './store.ts';

export const STEP = 'second-factor';
export const STEP_PATH = '/login/second-factor';

/** Required of each account with a second factor, whatever the first one is (A37). */
export function secondFactorStep(core: Core, devices: RememberedDevices): SignInStep {
  return {
    name: STEP,
    path: STEP_PATH,
    isRequired: async (accountId, facts) => {
      const rows = await factorRowsOf(core.database.queries, accountId);
      if (!areAskedFor(core, rows)) return false;
      const proven = provenFactorIn(facts);
      if (proven === null) return true;
      // One that was removed since counts for nothing (A11).
      if (await devices.isRemembered(accountId, proven)) return false;
      return !rows.some(({ id, kind }) => id === proven.id && kind === proven.kind);
    },
  };
}

/** What the page of one kind of factor in a sign-in shows. */
export type FactorStep = { readonly pending: PendingSignIn; readonly others: readonly OtherFactor[] };

/** Reads the pending sign-in of the page of a factor, or leads to another page if it is not for this one. */
export async function loadFactorStep(
  core: Core,
  context: RequestContext,
  kind: string,
): Promise<FactorStep | Response> {
  const pending = await openStep(core, context, STEP);
  if (pending instanceof Response) return pending;
  const own = await factorsOf(core, pending.accountId);
  if (!own.some((factor) => factor.kind === kind))
    return core.pages.redirect(withFlow(STEP_PATH, context.flow));
  const others = own
    .filter((factor) => factor.kind !== kind)
    .map(({ declared: { label, path } }) => ({ label, path: withFlow(path, context.flow) }));
  return { pending, others: [...others, ...lostWay(core, context)] };
}

/** The page for a user who has lost all factors, where a feature has one. */
function lostWay({ slots }: Core, { flow }: RequestContext): readonly OtherFactor[] {
  if (!slots().routePaths.includes(paths.lostFactor)) return [];
  return [{ path: withFlow(paths.lostFactor, flow), label: null }];
}

/** Leads to the page of the preferred factor. */
export const stepPage = definePage({
  path: STEP_PATH,
  access: 'public',
  load:
    (core) =>
    async (context): Promise<Response | { readonly username: string }> => {
      const pending = await openStep(core, context, STEP);
      if (pending instanceof Response) return pending;
      const [preferred] = await factorsOf(core, pending.accountId);
      if (preferred === undefined) return { username: pending.username };
      return core.pages.redirect(withFlow(preferred.declared.path, context.flow));
    },
  view: unavailableView,
});

/** The same for API clients, with all factors that would do. */
export const listFactors = defineChoices({ name: STEP, path: STEP_PATH }, async (core, accountId) => {
  const own = await factorsOf(core, accountId);
  return own.map(({ kind, declared }) => ({ kind, path: declared.path }));
});
