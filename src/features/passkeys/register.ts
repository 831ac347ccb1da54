import { z } from 'zod';
import { type Done, defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import type { Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { EmailAddress, Id, Username } from '../../platform/text/index.ts';
import { createMissingList, type NewList, signInWithCodes } from '../recovery-codes/index.ts';
import {
  admissionReasons,
  afterRegistration,
  type EntryRefusal,
  type Invited,
  nameReasons,
  type Registrar,
  registrar,
} from '../registration/index.ts';
import { insertFactor } from '../second-factors/index.ts';
import { createChallenges } from './challenges.ts';
import { type Accepted, acceptCreation, refused } from './create.ts';
import { flashes, KIND } from './definitions.ts';
import { type CountPasskey, passkeyCounter } from './metrics.ts';
import { registerView } from './pages.ts';
import { REGISTER } from './paths.ts';
import { creationOptions, relyingPartyOf } from './relying-party.ts';
import { parseRegistration } from './responses.ts';
import { identityOf } from './sign-in.ts';
import { insertPasskey, insertSpentChallenge } from './store.ts';
import { useReasons } from './use.ts';
import { registerWords } from './words.ts';

/** The address is the way back for a user who has lost the passkey, so it is needed wherever mail can be sent. */
function needsEmail({ settings, mail }: Core): boolean {
  return settings.email === 'required' || (settings.email === 'optional' && mail.isPossible);
}

/** The form for an account without a password; for a visitor who may not register, a page that says why. */
export const registerPage = definePage({
  path: REGISTER,
  access: 'public',
  needs: { registration: registrar },
  load:
    (core, { registration }) =>
    async (context) => {
      const visit = await registration.visit(context);
      if (visit instanceof Response) return visit;
      const refusedId = parseRegistration(context.refused?.text('credential') ?? '')?.id ?? null;
      const mustConfirm = core.settings.email === 'required';
      const canRecover = visit.asksForEmail && core.mail.isPossible;
      const about = { rpId: relyingPartyOf(core).id, refusedId };
      return { ...visit, needsEmail: needsEmail(core), mustConfirm, canRecover, ...about };
    },
  view: registerView,
});

/**
 * May the visitor register? → a user’s form? → names → without a passkey, the options for one, if the names are free → account,
 * passkey, recovery codes and invitation in one transaction → the codes are shown → `completeSignIn`.
 */
export const registerWithPasskey = defineAction({
  path: REGISTER,
  access: 'public',
  needs: { registration: registrar, count: passkeyCounter },
  input: z.object({ username: text(), email: text(), next: text(), credential: text() }),
  keeps: ['username', 'email'],
  reasons: {
    ...admissionReasons,
    'trap-filled': { status: 422, text: (words) => words(registerWords).trapFilled },
    'form-too-old': { status: 422, text: (words) => words(registerWords).formTooOld },
    ...nameReasons,
    ...useReasons,
  },
  run:
    (core, { registration, count }) =>
    async ({ context, form, input: { credential, next, ...typed } }) => {
      const admitted = await registration.admit({ context, form });
      if (!admitted.ok) return admitted;
      const { invited } = admitted;
      const names = registration.readNames(typed, invited, needsEmail(core));
      if (!names.ok) {
        registration.refuseFields(context);
        return names;
      }
      if (credential === '') return offerOptions(core, registration, { context, form }, names);
      const sent = { ceremony: 'register', username: names.username, credential } as const;
      const accepted = await acceptCreation(core, count, context, sent);
      if (!accepted.ok) return accepted;
      await registration.waitForRest({ context, form });
      const applicant = { ...names, invited, accepted };
      const created = await create(core, { registration, count }, { context, form }, applicant);
      if ('ok' in created) return created;
      const identity = { ...identityOf(created), isRemembered: false };
      const path = afterRegistration(core, core.locations.readNext(next));
      const progress = await signInWithCodes(core, context, { ...identity, next: path }, created.list);
      return { ...progress, flashes: [flashes.registeredWithPasskey] };
    },
});

type Names = { readonly username: Username; readonly email: EmailAddress | null };

/** Options for a passkey of an account that does not exist, but whose id the authenticator has to know. */
async function offerOptions(
  core: Core,
  registration: Registrar,
  { context, form }: Submission,
  names: Names,
): Promise<Done | Refused<'username-taken' | 'email-taken'>> {
  const attempt = await registration.findTaken({ context, form }, names);
  if (!attempt.ok) return attempt;
  if (attempt.result !== null) return refused(`${attempt.result}-taken`);
  const { username } = names;
  const id = accountIds.create(core.clock());
  const challenge = createChallenges(core).create(context, { ceremony: 'register', username }, id);
  const user = { id, username: username.username };
  const request = { ceremony: 'register', challenge, user, existing: [] } as const;
  return { ok: true, next: REGISTER, data: { options: creationOptions(relyingPartyOf(core), request) } };
}

type Applicant = Names & { readonly invited: Invited | null; readonly accepted: Accepted };

/** A new account with its passkey. */
type NewUser = {
  readonly accountId: AccountId;
  readonly id: Id;
  readonly factorId: Id;
  readonly list: NewList;
};

/** Thrown out of the transaction that would have created the account. */
class PasskeyTaken extends Error {
  constructor() {
    super('the challenge was spent, or an account has this credential');
    this.name = 'PasskeyTaken';
  }
}

type CreationRefusal = EntryRefusal | 'username-taken' | 'email-taken' | 'passkey-expired';

async function create(
  core: Core,
  { registration, count }: { readonly registration: Registrar; readonly count: CountPasskey },
  submission: Submission,
  { accepted, ...applicant }: Applicant,
): Promise<NewUser | Refused<CreationRefusal>> {
  const { accountId: id } = accepted.challenge;
  if (id === null) return refused('passkey-expired');
  const made: { user: NewUser | null } = { user: null };
  const prepare = () => async (transaction: Queries, accountId: AccountId) => {
    made.user = await store(core, transaction, accountId, accepted);
  };
  const attempt = await registration
    .create(submission, { ...applicant, id, prepare })
    .catch((error) => (error instanceof PasskeyTaken ? null : Promise.reject(error)));
  if (attempt !== null && !attempt.ok) return attempt;
  const outcome = attempt?.result ?? null;
  if (outcome === 'invitation-gone') return registration.refuseEntry(submission.context, outcome);
  // The account of this challenge may exist by now: then it is not the name that another one has.
  const isRepeated = outcome === null || (typeof outcome === 'string' && (await exists(core, id)));
  if (typeof outcome === 'string' && !isRepeated) return refused(`${outcome}-taken`);
  count('register', isRepeated || made.user === null ? 'passkey-expired' : 'accepted');
  return isRepeated || made.user === null ? refused('passkey-expired') : made.user;
}

async function exists({ accounts }: Core, accountId: AccountId): Promise<boolean> {
  return (await accounts.read(accountId)) !== null;
}

/** Stores the passkey and the recovery codes of a new account. @throws {PasskeyTaken} where a unique index refuses it (A41) */
async function store(
  { clock, database }: Core,
  transaction: Queries,
  accountId: AccountId,
  { challenge, created }: Accepted,
): Promise<NewUser> {
  const now = clock();
  try {
    await insertSpentChallenge(transaction, challenge);
    const factorId = await insertFactor(transaction, accountId, { kind: KIND, now });
    const id = await insertPasskey(transaction, { accountId, factorId }, created, now);
    const list = await createMissingList(transaction, accountId, now);
    if (list === null) throw new TypeError('a new account has recovery codes');
    return { accountId, id, factorId, list };
  } catch (error) {
    throw database.isUniqueViolation(error) ? new PasskeyTaken() : error;
  }
}
