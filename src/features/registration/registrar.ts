import type { AccountCreation, NewAccount } from '../../auth/accounts/accounts.ts';
import type { Reason, Refused } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import { defineService } from '../../auth/services.ts';
import { fieldWords } from '../../auth/words.ts';
import { answerInstead, endingReason } from '../../platform/outcomes/index.ts';
import { clientNetwork, type KeyedLimit, type Throttled } from '../../platform/rate-limit/index.ts';
import { enteredOr, type MaybePromise, originOf } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { createWithMail, deleteOverdueHolders, type MailedCreation } from '../email-confirmation/index.ts';
import { events, limits, type RegistrationRefusal, tokens } from './definitions.ts';
import { type NamesReading, readNames } from './fields.ts';
import {
  chosenInvitation,
  createEntry,
  type EntryRefusal,
  InvitationUsed,
  type Invited,
  spendInvitation,
} from './invitation.ts';
import { type NameRules, nameRules, registrationSettings } from './name-rules.ts';
import { createRobotCheck } from './robots.ts';
import { entryWords, registrationWords } from './words.ts';

function entryCard(words: Wording, why: EntryRefusal) {
  const link = { path: paths.login, label: words(registrationWords).signIn };
  return { ...words(entryWords)[why], link };
}

/** Why a visitor may not register. */
const entryReasons = {
  closed: endingReason(403, (words) => entryCard(words, 'closed')),
  'not-invited': endingReason(403, (words) => entryCard(words, 'not-invited')),
  'invitation-gone': endingReason(403, (words) => entryCard(words, 'invitation-gone')),
} satisfies Readonly<Record<EntryRefusal, Reason<never>>>;

/** Why a registration is refused, whatever the fields and the credential are. */
export const admissionReasons = {
  ...entryReasons,
  'trap-filled': { status: 422, text: (words) => words(fieldWords).trapFilled },
  'form-too-old': { status: 422, text: (words) => words(registrationWords).formTooOld },
} as const satisfies Readonly<Record<string, Reason<never>>>;

/** What the page of a registration shows, whatever the credential is. */
export type RegistrationVisit = {
  /** The stamp of the moment at which it is drawn. */
  readonly opened: string;
  /** The page that the user wants next. */
  readonly next: string | null;
  /** The invitation that it is drawn for. */
  readonly invitation: {
    /** Its handle. */
    readonly flow: string;
    readonly isForAddress: boolean;
    /** Whether an account is made by invitation only. */
    readonly isNeeded: boolean;
  } | null;
  readonly asksForEmail: boolean;
};

export type Created = Extract<MailedCreation | AccountCreation, { ok: true }>;

/** What was created; or why nothing was: `username` and `email` are taken. */
export type Outcome = Created | 'invitation-gone' | 'username' | 'email';

type Admission =
  | { readonly ok: true; readonly invited: Invited | null }
  | Refused<keyof typeof admissionReasons>;

/** Who may register, by which form, and under which names: the same for every credential. */
export type Registrar = {
  /** What a page shows; for a visitor who may not register, the page that says why. */
  readonly visit: (context: RequestContext) => Promise<RegistrationVisit | Response>;
  /** May the visitor register, and has a user filled in the form? */
  readonly admit: (submission: Submission) => Promise<Admission>;
  readonly readNames: (typed: TypedNames, invited: Invited | null, needsEmail: boolean) => NamesReading;
  /** Reports fields that are refused. */
  readonly refuseFields: (context: RequestContext) => void;
  /** Waits until the form has been open for as long as a user needs. */
  readonly waitForRest: (submission: Submission) => Promise<void>;
  /**
   * Whether the names are free, under the limits of registrations, which may reveal that one is taken.
   * @returns the one that is not
   */
  readonly findTaken: (
    submission: Submission,
    names: Names,
  ) => Promise<Throttled<'username' | 'email' | null>>;
  /** Creates an account with its credentials, and spends the invitation, in one transaction. */
  readonly create: (submission: Submission, creating: Creating) => Promise<Throttled<Outcome>>;
  /** The refusal for an invitation that another request has used meanwhile. */
  readonly refuseEntry: (context: RequestContext, reason: EntryRefusal) => Refused<EntryRefusal>;
};

type TypedNames = { readonly username: string; readonly email: string };
type Names = Pick<NewAccount, 'username' | 'email'>;

type Credentials = (transaction: Queries, accountId: AccountId) => Promise<void>;

/** `id` is given where the credential names the account already. */
type Creating = Omit<NewAccount, 'unconfirmed'> & {
  readonly invited: Invited | null;
  /** Prepares the credentials once the limits permit the registration; they are stored with the account. */
  readonly prepare: () => MaybePromise<Credentials>;
};

/** One for all pages of a system, so that they share the number of forms that wait. */
export const registrar = defineService<Registrar, { readonly names: typeof nameRules }>({
  needs: { names: nameRules },
  create: (core, { names }) => createRegistrar(core, names),
});

function createRegistrar(core: Core, names: NameRules): Registrar {
  const { formTimes, locations, throttle } = core;
  const entryOf = createEntry(core);
  const robots = createRobotCheck(core, core.settingsOf(registrationSettings).registrationMinTime);
  return {
    visit: async (context) => {
      const opened = await open(core, context);
      if (opened !== null) return opened;
      const entry = await entryOf(context);
      if (!entry.ok) return answerInstead(core, context, entryReasons[entry.reason]);
      return {
        opened: formTimes.stamp(),
        next: locations.readNext(enteredOr(context, 'next')),
        invitation: entry.invited === null ? null : invitationOf(core, entry.invited),
        asksForEmail: asksForEmail(core, entry.invited),
      };
    },
    admit: async ({ context, form }) => {
      const entry = await entryOf(context);
      if (!entry.ok) return refuseEntry(core, context, entry.reason);
      const impression = robots.impressionOf(form);
      if (impression === 'trap-filled') announceRefusal(core, context, 'robot');
      if (impression !== 'user') return { ok: false, problems: [{ reason: impression }] };
      return entry;
    },
    readNames: ({ username, email }, invited, needsEmail) => {
      const typed = { username, email: asksForEmail(core, invited) ? email : '' };
      return readNames(typed, { ...names, needsEmail }, invited?.invitation ?? null);
    },
    refuseFields: (context) => announceRefusal(core, context, 'invalid-fields'),
    waitForRest: ({ context, form }) =>
      robots.waitForRest(form, clientNetwork(context.address)?.address ?? null),
    findTaken: ({ context, form }, account) =>
      throttle({ context, counted: limitRegistration(context), form, subject: null }, async () => {
        const result = await findTaken(core, context, account);
        if (result !== null) announceRefusal(core, context, `${result}-taken`);
        return { result, verdict: result === null ? [] : COUNTS_AS_TAKEN };
      }),
    create: ({ context, form }, creating) =>
      throttle<Outcome>({ context, counted: limitRegistration(context), form, subject: null }, async () => {
        const outcome = await createAccount(core, { context, form }, creating);
        if (outcome === 'invitation-gone') return { result: outcome, verdict: 'succeeded' };
        const verdict = typeof outcome === 'string' ? COUNTS_AS_TAKEN : COUNTS_AS_REGISTERED;
        return { result: outcome, verdict };
      }),
    refuseEntry: (context, reason) => refuseEntry(core, context, reason),
  };
}

/** Opens the link of an invitation; answers a request that needs no page. */
async function open(core: Core, context: RequestContext): Promise<Response | null> {
  if (context.refused !== null) return null;
  const received = await core.linkTokens.receive(context, tokens.invitation);
  if (received !== null) return received;
  if (context.signedIn !== null) return core.pages.redirect(core.locations.onward(null));
  context.flow = chosenInvitation(core, context);
  return null;
}

function invitationOf({ settings }: Core, invited: Invited) {
  const isNeeded = settings.registration !== 'open';
  return { flow: invited.flow, isForAddress: isForAddress(invited), isNeeded };
}

/** The limits of a registration, which may reveal that a name is taken. */
export function limitRegistration({ address }: RequestContext): readonly KeyedLimit[] {
  const from = clientNetwork(address);
  if (from === null) return [];
  return [
    { limit: limits.registrations, key: from.address },
    { limit: limits['taken-names'], key: from.address },
    ...(from.network === null ? [] : [{ limit: limits['taken-names-of-network'], key: from.network }]),
  ];
}

/** The limits under which a registration counts, by its outcome. */
export const COUNTS_AS_REGISTERED = [limits.registrations];
export const COUNTS_AS_TAKEN = [limits['taken-names'], limits['taken-names-of-network']];

/** An address that has to be confirmed is never said to be taken (A03). */
async function findTaken(core: Core, context: RequestContext, { username, email }: Names) {
  if (email !== null && core.mail.isPossible) await deleteOverdueHolders(core, context, { username, email });
  if ((await core.accounts.find(username.username)) !== null) return 'username';
  if (email === null || core.settings.email === 'required') return null;
  return (await core.accounts.find(email.address)) === null ? null : 'email';
}

async function createAccount(
  core: Core,
  { context, form }: Submission,
  { invited, prepare, ...account }: Creating,
): Promise<Outcome> {
  const now = core.clock();
  const credentials = await prepare();
  const { email } = account;
  const all = async (transaction: Queries, accountId: AccountId) => {
    await credentials(transaction, accountId);
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
  };
  try {
    const creation =
      email === null || !core.mail.isPossible
        ? await core.accounts.create(account, now, all)
        : await createWithMail(core, { context, form }, { ...account, email }, all);
    if (!creation.ok) {
      announceRefusal(core, context, `${creation.reason}-taken`);
      return creation.reason;
    }
    announceCreation(core, context, creation, invited);
    return creation;
  } catch (error) {
    if (error instanceof InvitationUsed) return 'invitation-gone';
    throw error;
  }
}

/** The generation of devices that a new account begins with. */
const FIRST_DEVICES = 0;

function announceCreation(
  core: Core,
  context: RequestContext,
  created: Created,
  invited: Invited | null,
): void {
  const { accountId } = created;
  core.devices.remember(context, accountId, core.clock(), FIRST_DEVICES);
  // The operator may learn what the visitor must not.
  if ('isAddressTaken' in created && created.isAddressTaken) announceRefusal(core, context, 'email-taken');
  else core.announce(events.registered, { accountId }, originOf(context));
  if (invited === null) return;
  core.linkTokens.clear(context, invited.flow);
  const invitationId = core.oneTimeTokens.idOf(invited.token);
  core.announce(events.invitationSpent, { accountId, invitationId }, originOf(context));
}

function announceRefusal({ announce }: Core, context: RequestContext, reason: RegistrationRefusal): void {
  announce(events.registrationRefused, { reason }, originOf(context));
}

function refuseEntry(core: Core, context: RequestContext, reason: EntryRefusal): Refused<EntryRefusal> {
  announceRefusal(core, context, reason);
  core.linkTokens.clear(context);
  return { ok: false, problems: [{ reason }] };
}

/** A user who was invited by an address has to give it, also with `EMAIL=off`. */
function asksForEmail({ settings }: Core, invited: Invited | null): boolean {
  return settings.email !== 'off' || (invited !== null && isForAddress(invited));
}

function isForAddress({ invitation }: Invited): boolean {
  return invitation.email !== null;
}
