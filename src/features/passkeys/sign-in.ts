import { z } from 'zod';
import { defineAction, definePage, flag, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import { progressOf } from '../../auth/sign-in.ts';
import type { SignInButton } from '../../auth/slots.ts';
import { isId } from '../../platform/text/index.ts';
import { enteredOr, originOf, withNext } from '../../platform/web/index.ts';
import { factorFact } from '../second-factors/index.ts';
import { createChallenges } from './challenges.ts';
import { KIND } from './definitions.ts';
import { passkeyButton, signInView } from './pages.ts';
import { SIGN_IN } from './paths.ts';
import { relyingPartyOf, requestOptions } from './relying-party.ts';
import { parseAuthentication } from './responses.ts';
import { hasPasskey, type Passkey, passkeysOf } from './store.ts';
import { usePasskey, useReasons } from './use.ts';

/** For any passkey of this site: which account it is of, it says itself, so that none is revealed before (A03). */
function signInOptions(core: Core, context: RequestContext) {
  const challenge = createChallenges(core).create(context, { ceremony: 'sign-in', subject: null });
  return requestOptions(relyingPartyOf(core), { challenge, allowed: null });
}

/** The button of the login page, which also offers passkeys where the username is filled in. */
export const signInButton: SignInButton = {
  draw: (words, next) => passkeyButton(words, { action: SIGN_IN, next, isInAutofill: true }),
};

/** The same as a page of its own. */
export const signInPage = definePage({
  path: SIGN_IN,
  access: 'public',
  load: (core) => (context) => {
    const next = core.locations.readNext(enteredOr(context, 'next'));
    const isRefused = context.refused !== null;
    if (context.signedIn !== null && !isRefused) return core.pages.redirect(core.locations.onward(next));
    const refused = parseAuthentication(context.refused?.text('credential') ?? '');
    return {
      next,
      rpId: relyingPartyOf(core).id,
      refusedId: refused?.id ?? null,
    };
  },
  view: signInView,
});

/** Without a passkey, browsers get the page, and API clients the options for one. */
export const signInWithPasskey = defineAction({
  path: SIGN_IN,
  access: 'public',
  input: z.object({ credential: text(), remember: flag(), next: text() }),
  keeps: ['remember'],
  reasons: useReasons,
  run:
    (core) =>
    async ({ context, form, input: { credential, remember: isRemembered, next: wanted } }) => {
      const next = core.locations.readNext(wanted);
      if (credential === '')
        return { ok: true, next: withNext(SIGN_IN, next), data: { options: signInOptions(core, context) } };
      const given = { ceremony: 'sign-in', subject: null, credential } as const;
      const attempt = await usePasskey(core, { context, form }, given);
      if (!attempt.ok) return attempt;
      const used = attempt.result;
      if (!used.ok) {
        reportRefusal(core, context, used.accountId);
        return { ok: false, problems: [used.problem] };
      }
      const outcome = await core.completeSignIn(context, {
        ...identityOf(used.passkey),
        isRemembered,
        next,
      });
      const progress = progressOf(core.locations, outcome, next);
      // The gate has reported why; a browser learns no more than for any other passkey (A01).
      if (progress === null) return { ok: false, problems: [{ reason: 'passkey-refused' }] };
      return { ok: true, ...progress };
    },
});

/** A passkey with user verification is two factors in one (NIST SP 800-63B-4 §3.1.7). */
function identityOf({ id, accountId, factorId }: Passkey) {
  return { accountId, method: KIND, credential: id, facts: [factorFact({ kind: KIND, id: factorId })] };
}

function reportRefusal({ announce }: Core, context: RequestContext, accountId: AccountId | null): void {
  const reason = accountId === null ? 'unknown-account' : 'wrong-passkey';
  announce(authEvents.signInRefused, { accountId, reason }, originOf(context));
}

/** What a passkey proves for the gate: it counts as long as the account has it. */
export function passkeyMethod({ database }: Core): SignInMethod {
  return {
    name: KIND,
    stillHolds: async (accountId, credential) =>
      isId(credential) && (await hasPasskey(database.queries, accountId, credential)),
    proofOf: async (_credential, now) => ({ by: KIND, at: now }),
    canBeAskedAgain: async (accountId) => (await passkeysOf(database.queries, accountId)).length > 0,
  };
}
