import { z } from 'zod';
import { type Done, defineAction, definePage, flag, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { type Id, isId } from '../../platform/text/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { passwordsService } from '../passwords/index.ts';
import {
  createMissingList,
  createShownList,
  type NewList,
  recoveryCodesPath,
} from '../recovery-codes/index.ts';
import {
  askForFactors,
  type FactorPolicy,
  flashes as factorFlashes,
  factorPolicyService,
  isProtected,
  mayAdd,
  policyWords,
  removeUnlessRequired,
} from '../second-factors/index.ts';
import {
  type Accepted,
  acceptCreation,
  createPasskey,
  creationOptionsFor,
  nameOf,
  refused,
  saidOf,
} from './create.ts';
import { changes, events, flashes, KIND, MOST_PASSKEYS } from './definitions.ts';
import { type CountPasskey, passkeyCounter } from './metrics.ts';
import { canSignInBeside } from './other-methods.ts';
import { passkeysView } from './pages.ts';
import { PAGE } from './paths.ts';
import { relyingPartyOf, userHandleOf } from './relying-party.ts';
import { LONGEST_NAME, type Passkey, passkeysOf, renamePasskey } from './store.ts';
import { unaskedPasskeysOf } from './unasked.ts';
import { useReasons } from './use.ts';
import { changeWords, pageWords } from './words.ts';

/** The passkeys of the user, and a button for another one. */
export const passkeysPage = definePage({
  path: PAGE,
  access: 'fresh',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords }) =>
    async (context) => {
      const { user } = context.signedIn;
      const existing = await passkeysOf(core.database.queries, user.id);
      const unasked = await unaskedPasskeysOf(core.database.queries, user.id);
      return {
        passkeys: existing.map((passkey) => ({ ...passkey, name: nameOf(context, passkey) })),
        isOffered: existing.length < MOST_PASSKEYS,
        isProtected: await isProtected(core, user.id),
        isAsked: existing.length === 0 || unasked.length < existing.length,
        hasPassword: (await passwords.version(user.id)) !== null,
        signals: signalsFor(core, context, existing),
        now: core.clock(),
      };
    },
  view: passkeysView,
});

/** What password managers should know, so that they offer no passkey that was removed. */
function signalsFor(core: Core, { signedIn: { user } }: SignedInContext, existing: readonly Passkey[]) {
  const about = { rpId: relyingPartyOf(core).id, userId: userHandleOf(user.id) };
  const allAcceptedCredentialIds = existing.map(({ credentialId }) => credentialId);
  const { username: name } = user;
  return [
    { method: 'signalAllAcceptedCredentials', details: { ...about, allAcceptedCredentialIds } },
    { method: 'signalCurrentUserDetails', details: { ...about, name, displayName: name } },
  ] as const;
}

/**
 * Creates a passkey from what the authenticator has made; without that, API clients get the options for it. With the id of a
 * passkey it gets another name, or is removed.
 */
export const changePasskeys = defineAction({
  path: PAGE,
  access: 'fresh',
  needs: { policy: factorPolicyService, count: passkeyCounter },
  input: z.object({ credential: text(), passkey: text(), name: text(), remove: flag(), ask: flag() }),
  reasons: {
    'passkey-missing': {
      status: 409,
      text: (words) => flashes.passkeyMissing.text(words, 0),
      instead: { next: PAGE, flashes: [flashes.passkeyMissing] },
    },
    'name-missing': { status: 422, text: (words) => words(pageWords).nameMissing },
    'name-too-long': { status: 422, text: (words) => words(pageWords).nameTooLong(LONGEST_NAME) },
    'last-factor-required': { status: 409, text: (words) => words(policyWords).required },
    'only-credential': { status: 409, text: (words) => words(pageWords).onlyCredential },
    'address-unconfirmed': {
      status: 409,
      text: (words) => factorFlashes.confirmAddressForFactor.text(words, 0),
      instead: { next: paths.confirmAddress, flashes: [factorFlashes.confirmAddressForFactor] },
    },
    'too-many-passkeys': { status: 409, text: (words) => words(pageWords).enough(MOST_PASSKEYS) },
    ...useReasons,
  },
  run:
    (core, { policy, count }) =>
    async ({ context, input: { credential, passkey: id, name, remove: isRemoval, ask: isAsked } }) => {
      const { user } = context.signedIn;
      if (isRemoval) return remove(core, { policy, count }, context, id);
      if (id !== '') return rename(core, context, { id, typed: name });
      if (!mayAdd(core, context)) return refused('address-unconfirmed');
      if (isAsked) return askForPasskeys(core, context);
      const existing = await passkeysOf(core.database.queries, user.id);
      if (existing.length >= MOST_PASSKEYS) return refused('too-many-passkeys');
      if (credential === '')
        return {
          ok: true,
          next: PAGE,
          data: { options: creationOptionsFor(core, context, { ceremony: 'create', user, existing }) },
        };
      const sent = { ceremony: 'create', subject: user.id, credential } as const;
      const accepted = await acceptCreation(core, count, context, sent);
      return accepted.ok ? add(core, count, context, accepted) : accepted;
    },
});

async function add(
  core: Core,
  count: CountPasskey,
  context: SignedInContext,
  accepted: Accepted,
): Promise<Done | Refused<'passkey-expired' | 'too-many-passkeys'>> {
  const { user, session } = context.signedIn;
  const change = (await isProtected(core, user.id)) ? changes.furtherPasskeyAdded : changes.passkeyAdded;
  const made = await createPasskey(core, count, context, {
    ...accepted,
    ceremony: 'create',
    change,
    accountId: user.id,
    sessionId: session.id,
  });
  if (!made.ok) return refused(made.reason);
  const { id, list } = made;
  if (list !== null) createShownList(core).keep(context, context, list);
  return {
    ok: true,
    next: list === null ? PAGE : recoveryCodesPath,
    flashes: [flashes.passkeyAdded],
    data: { id, name: nameOf(context, accepted.created), recoveryCodes: list?.codes ?? null },
  };
}

/** Has sign-ins ask for passkeys that the browser has created, as for those of the user. */
async function askForPasskeys(
  core: Core,
  context: SignedInContext,
): Promise<Done | Refused<'passkey-missing'>> {
  const { user, session } = context.signedIn;
  const made: { list: NewList | null } = { list: null };
  const changed = await changeFactors(core, context, changes.passkeyAdded, {
    accountId: user.id,
    said: context.words(changeWords).askedFor,
    apply: async (transaction, now) => {
      if (!(await askForFactors(transaction, user.id, { kind: KIND, now }))) return false;
      made.list = await createMissingList(transaction, user.id, now);
      return true;
    },
    event: { accountId: user.id, sessionId: session.id, factor: KIND },
  });
  if (!changed.ok) return refused('passkey-missing');
  const { list } = made;
  if (list !== null) createShownList(core).keep(context, context, list);
  return {
    ok: true,
    next: list === null ? PAGE : recoveryCodesPath,
    flashes: [flashes.passkeyAskedFor],
    data: { recoveryCodes: list?.codes ?? null },
  };
}

type Changed<Name extends string> = Promise<Done | Refused<Name>>;

/** Gives a passkey the name by which its user recognises it. */
async function rename(
  core: Core,
  context: SignedInContext,
  { id, typed }: { readonly id: string; readonly typed: string },
): Changed<'passkey-missing' | 'name-missing' | 'name-too-long'> {
  const { user, session } = context.signedIn;
  const name = typed.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trim();
  if (name === '') return refused('name-missing');
  if ([...name].length > LONGEST_NAME) return refused('name-too-long');
  if (!isId(id) || !(await renamePasskey(core.database.queries, user.id, { id, name })))
    return refused('passkey-missing');
  const about = { accountId: user.id, sessionId: session.id, passkeyId: id };
  core.announce(events.passkeyRenamed, about, originOf(context));
  return { ok: true, next: PAGE, flashes: [flashes.passkeyRenamed] };
}

/** Removes a passkey, with the last one the second factor, and with the last factor the recovery codes. */
async function remove(
  core: Core,
  { policy, count }: { readonly policy: FactorPolicy; readonly count: CountPasskey },
  context: SignedInContext,
  id: string,
): Changed<'passkey-missing' | 'only-credential' | 'last-factor-required'> {
  const { user, session } = context.signedIn;
  const isRequired = await policy.isRequired(user.id, session);
  const existing = await passkeysOf(core.database.queries, user.id);
  const removed = existing.find((passkey) => passkey.id === id);
  if (removed === undefined) return refused('passkey-missing');
  if (existing.length === 1 && !(await canSignInBeside(core, user.id, [KIND])))
    return refused('only-credential');
  const isMeant = (factor: { readonly id: Id }) => factor.id === removed.factorId;
  const changed = await changeFactors(core, context, changes.passkeyRemoved, {
    accountId: user.id,
    said: saidOf(context, 'removed', removed),
    apply: (transaction, at) =>
      removeUnlessRequired(core, transaction, { accountId: user.id, at, isMeant, isRequired }),
    event: { accountId: user.id, sessionId: session.id, factor: KIND },
  });
  if (changed.ok) {
    count('remove', 'accepted');
    return { ok: true, next: PAGE, flashes: [flashes.passkeyRemoved] };
  }
  return refused(changed.reason === 'conflict' ? 'passkey-missing' : changed.reason);
}
