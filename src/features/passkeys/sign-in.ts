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
import { deleteFactors, factorFact } from '../second-factors/index.ts';
import { KIND } from './definitions.ts';
import { passkeyCounter } from './metrics.ts';
import { passkeyButton, registrationLink, signInView } from './pages.ts';
import { SIGN_IN } from './paths.ts';
import { relyingPartyOf } from './relying-party.ts';
import { parseAuthentication } from './responses.ts';
import { hasPasskey, type Passkey, passkeysOf } from './store.ts';
import { unaskedPasskeysOf } from './unasked.ts';
import { answerUse, useReasons } from './use.ts';

/**
 * The button of the login page, which also offers passkeys where the username is filled in; on the page for new users, the link
 * to that for an account without a password.
 */
export const signInButton: SignInButton = {
  draw: (words, next, registration) =>
    registration === undefined
      ? passkeyButton(words, { action: SIGN_IN, next, isInAutofill: true })
      : registrationLink(words, next, registration),
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

/** Signs in by any passkey of this site: which account it is of, it says itself, so that none is revealed before (A03). */
export const signInWithPasskey = defineAction({
  path: SIGN_IN,
  access: 'public',
  needs: { count: passkeyCounter },
  input: z.object({ credential: text(), remember: flag(), next: text() }),
  keeps: ['remember'],
  reasons: useReasons,
  run:
    (core, { count }) =>
    ({ context, form, input: { credential, remember: isRemembered, next: wanted } }) => {
      const next = core.locations.readNext(wanted);
      return answerUse<keyof typeof useReasons>(
        core,
        count,
        { context, form },
        {
          ceremony: 'sign-in',
          subject: null,
          credential,
          page: withNext(SIGN_IN, next),
          refuse: (accountId) => reportRefusal(core, context, accountId),
          accept: async (passkey) => {
            const identity = { ...identityOf(passkey), isRemembered, next };
            const progress = progressOf(core.locations, await core.completeSignIn(context, identity), next);
            // The gate has reported why; a browser learns no more than for any other passkey (A01).
            if (progress === null) return { ok: false, problems: [{ reason: 'passkey-refused' }] };
            return { ok: true, ...progress };
          },
        },
      );
    },
});

/** A passkey with user verification is two factors in one (NIST SP 800-63B-4 §3.1.7). */
export function identityOf({ id, accountId, factorId }: Pick<Passkey, 'id' | 'accountId' | 'factorId'>) {
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
    listLinkedCredentials: async ({ id }, on = database.queries) =>
      (await unaskedPasskeysOf(on, id)).map((passkey) => ({
        id: passkey.id,
        label: 'Passkey',
        handle: passkey.name === '' ? null : passkey.name,
        addedAt: passkey.addedAt,
        lastUsedAt: passkey.lastUsedAt,
        provesAddress: false,
      })),
    removeLinkedCredentials: async (transaction, accountId, kept) => {
      const removed = (await unaskedPasskeysOf(transaction, accountId)).filter(
        ({ id }) => !kept.includes(id),
      );
      const factorIds = removed.map(({ factorId }) => factorId);
      await deleteFactors(transaction, accountId, factorIds);
    },
  };
}
