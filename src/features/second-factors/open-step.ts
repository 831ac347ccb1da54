import { z } from 'zod';
import { type Action, defineAction } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { authCookies } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';

/** The pending sign-in that the page of a step is for, or the redirect to the page that comes first. */
export async function openStep(
  core: Core,
  context: RequestContext,
  step: string,
): Promise<PendingSignIn | Response> {
  core.flows.choose(context, authCookies.pending);
  const current = await core.pendingSignIns.read(context, step);
  return current.pending ?? core.pages.redirect(current.path);
}

type Choice = { readonly kind: string; readonly path: `/${string}` };

/** The factors of a step for API clients, the preferred one first, each with the path of its page. */
export function defineChoices(
  { name, path }: Pick<SignInStep, 'name' | 'path'>,
  choicesOf: (core: Core, accountId: AccountId) => Promise<readonly Choice[]> | readonly Choice[],
): Action {
  return defineAction({
    path,
    access: 'public',
    input: z.object({}),
    reasons: stepReasons,
    run:
      (core) =>
      async ({ context }) => {
        const current = await core.pendingSignIns.read(context, name);
        if (current.pending === null) return refuseStep(current.path);
        const choices = await choicesOf(core, current.pending.accountId);
        const factors = choices.map(({ kind, path: page }) => ({ kind, path: core.locations.of(page) }));
        return { ok: true, next: choices[0]?.path ?? path, data: { factors } };
      },
  });
}
