import { z } from 'zod';
import { type Done, defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { authCookies } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import type { FactorFact, SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import { type ProvenIdentity, progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { withFlow } from '../../platform/web/index.ts';
import { factsWith, openStep } from '../second-factors/index.ts';
import { createShownList, type NewList } from './list.ts';
import { codesFile } from './manage.ts';
import { signInCodesView } from './pages.ts';

const STEP = 'recovery-codes';
const STEP_PATH = '/login/recovery-codes';
export const STEP_DOWNLOAD = '/login/recovery-codes/download';

/** The fact of a sign-in that has made codes which its user has not saved. */
const UNSAVED = 'recovery-codes-unsaved';

/** Shows the codes that came with a factor which a sign-in has set up, before its session begins. */
export const savedCodesStep: SignInStep = {
  name: STEP,
  path: STEP_PATH,
  isRequired: async (_accountId, facts) => facts.includes(UNSAVED),
};

type SetUpFactor = {
  readonly pending: PendingSignIn;
  readonly factor: FactorFact;
  /** The codes that came with it; null where the account has some. */
  readonly list: NewList | null;
};

/** Continues a sign-in that has set up a factor, by way of the page that shows the codes. */
export async function continueWithFactor(
  core: Core,
  context: RequestContext,
  { pending, factor, list }: SetUpFactor,
): Promise<Done> {
  const { accountId, facts, flow } = pending;
  const proven = [...factsWith(facts, factor), ...(list === null ? [] : [UNSAVED])];
  const progress = await core.continueSignIn(context, flow, { facts: proven });
  return list === null
    ? { ok: true, ...progress }
    : showAtSignIn(core, context, accountId, { progress, list });
}

/** Signs a new user in, by way of the page that shows the codes. */
export async function signInWithCodes(
  core: Core,
  context: RequestContext,
  identity: ProvenIdentity,
  list: NewList,
): Promise<Done> {
  const { accountId, facts, next } = identity;
  const outcome = await core.completeSignIn(context, { ...identity, facts: [...facts, UNSAVED] });
  const progress = progressOf(core.locations, outcome, next);
  if (progress === null) return { ok: true, next: paths.login, data: { state: 'signed-out' } };
  return showAtSignIn(core, context, accountId, { progress, list });
}

type Shown = { readonly progress: SignInProgress; readonly list: NewList };

/** The codes come before every other step, because only the one that has made them can show them. */
function showAtSignIn(
  core: Core,
  context: RequestContext,
  accountId: AccountId,
  { progress, list }: Shown,
): Done {
  if (progress.data.state !== 'step') return { ok: true, ...progress };
  createShownList(core).keep(context, { accountId, flow: progress.data.flow }, list);
  return { ok: true, ...progress, data: { ...progress.data, recoveryCodes: list.codes } };
}

export const signInCodesPage = definePage({
  path: STEP_PATH,
  access: 'public',
  load: (core) => {
    const shownList = createShownList(core);
    return async (context) => {
      const pending = await openStep(core, context, STEP);
      if (pending instanceof Response) return pending;
      return {
        username: pending.username,
        codes: await shownList.read(context, pending),
        download: withFlow(STEP_DOWNLOAD, pending.flow),
      };
    };
  },
  view: signInCodesView,
});

/** The user has saved the codes, and is signed in. */
export const finishSignIn = defineAction({
  path: STEP_PATH,
  access: 'public',
  input: z.object({}),
  reasons: stepReasons,
  run: (core) => {
    const shownList = createShownList(core);
    return async ({ context }) => {
      const current = await core.pendingSignIns.read(context, STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { flow, facts: before } = current.pending;
      shownList.forget(context);
      const facts = before.filter((fact) => fact !== UNSAVED);
      return { ok: true, ...(await core.continueSignIn(context, flow, { facts })) };
    };
  },
});

/** GET: the codes that the page shows, as a file of text. */
export function downloadAtSignIn(core: Core) {
  const shownList = createShownList(core);
  return async (context: RequestContext): Promise<Response> => {
    core.flows.choose(context, authCookies.pending);
    const { pending } = await core.pendingSignIns.read(context, STEP);
    if (pending === null) return core.pages.redirect(paths.login);
    const codes = await shownList.read(context, pending);
    if (codes === null) return core.pages.redirect(withFlow(STEP_PATH, pending.flow));
    return codesFile(core, context, pending.username, codes);
  };
}
