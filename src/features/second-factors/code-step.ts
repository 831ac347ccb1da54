import { z } from 'zod';
import { type Action, defineAction, definePage, flag, type PageDefinition, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import type { SignInProgress } from '../../auth/sign-in.ts';
import type { Next } from '../../platform/outcomes/index.ts';
import { originOf } from '../../platform/web/index.ts';
import type { Words } from '../../platform/words/index.ts';
import { rememberDeviceFact, rememberedDevicesService } from '../remembered-devices/index.ts';
import { attemptCode, factsWith } from './factors.ts';
import { type CodeStepWords, codeView } from './pages.ts';
import { loadFactorStep, STEP } from './step.ts';
import { codeWords } from './words.ts';

type CodeStep = {
  readonly kind: string;
  readonly path: `/${string}`;
  readonly words: Words<CodeStepWords>;
  readonly isNumeric: boolean;
  /** Whether it only replaces a factor that is lost: then the browser cannot be remembered. */
  readonly isBackup?: boolean;
  /** Where a sign-in leads that this factor has completed. */
  readonly onward?: (core: Core, accountId: AccountId, progress: SignInProgress) => Promise<Next>;
};

/** The page and the action of a required step in which a user types a code of one kind of factor. */
export function defineCodeStep(step: CodeStep): { readonly page: PageDefinition; readonly action: Action } {
  return { page: pageOf(step), action: actionOf(step) };
}

function pageOf({ kind, path, words, isNumeric, isBackup = false }: CodeStep): PageDefinition {
  return definePage({
    path,
    access: 'public',
    needs: { devices: rememberedDevicesService },
    load:
      (core, { devices }) =>
      async (context) => {
        const loaded = await loadFactorStep(core, context, kind);
        if (loaded instanceof Response) return loaded;
        const { pending, others } = loaded;
        const remembers = devices.isOn && !isBackup ? devices.lifetime : null;
        return { username: pending.username, step: words, isNumeric, remembers, others };
      },
    view: codeView,
  });
}

function actionOf({ kind, path, isBackup = false, onward }: CodeStep): Action {
  return defineAction({
    path,
    access: 'public',
    input: z.object({ code: text(), rememberDevice: flag() }),
    keeps: ['rememberDevice'],
    reasons: {
      'code-missing': { status: 422, field: 'code', text: (words) => words(codeWords).missing },
      'code-refused': { status: 401, field: 'code', text: (words) => words(codeWords).refused },
      ...stepReasons,
    },
    run:
      (core) =>
      async ({ context, form, input: { code, rememberDevice } }) => {
        const current = await core.pendingSignIns.read(context, STEP);
        if (current.pending === null) return refuseStep(current.path);
        const { accountId, flow, facts } = current.pending;
        if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
        const attempt = await attemptCode(core, { context, form }, { accountId, text: code, kind });
        if (!attempt.ok) return attempt;
        if (attempt.result === null) {
          core.announce(authEvents.signInRefused, { accountId, reason: 'wrong-code' }, originOf(context));
          return { ok: false, problems: [{ reason: 'code-refused' }] };
        }
        const wanted = rememberDevice && !isBackup ? [rememberDeviceFact] : [];
        const proven = [...factsWith(facts, attempt.result), ...wanted];
        const progress = await core.continueSignIn(context, flow, { facts: proven });
        return {
          ok: true,
          ...progress,
          ...(onward === undefined ? {} : await onward(core, accountId, progress)),
        };
      },
  });
}
