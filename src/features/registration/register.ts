import { z } from 'zod';
import type { AccountCreation } from '../../auth/accounts/accounts.ts';
import { defineAction, definePage, type Reason, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import { progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { fieldWords } from '../../auth/words.ts';
import { answerInstead, endingReason } from '../../platform/outcomes/index.ts';
import { clientNetwork, type KeyedLimit } from '../../platform/rate-limit/index.ts';
import { enteredOr, originOf, withNext } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { createWithMail, type MailedCreation } from '../email-confirmation/index.ts';
import { clientKey, noticesAbout, type Passwords, passwordsService } from '../passwords/index.ts';
import { events, flashes, limits, type RegistrationRefusal, tokens } from './definitions.ts';
import { fieldReasons, type Registration, readRegistration } from './fields.ts';
import {
  chosenInvitation,
  createEntry,
  type EntryRefusal,
  InvitationUsed,
  type Invited,
  spendInvitation,
} from './invitation.ts';
import { afterRegistration, nameRules, registrationSettings } from './name-rules.ts';
import { registrationView } from './pages.ts';
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

/** The form; for a visitor who may not register, a page that says why. */
export const registrationPage = definePage({
  path: '/register',
  access: 'public',
  needs: { passwords: passwordsService },
  load: (core, { passwords: { minimumCodePoints } }) => {
    const { linkTokens, pages, settings, locations, formTimes, slots } = core;
    const entryOf = createEntry(core);
    return async (context) => {
      const isRefused = context.refused !== null;
      if (!isRefused) {
        const received = await linkTokens.receive(context, tokens.invitation);
        if (received !== null) return received;
        if (context.signedIn !== null) return pages.redirect(locations.onward(null));
        context.flow = chosenInvitation(core, context);
      }
      const entry = await entryOf(context);
      if (!entry.ok) return answerInstead(core, context, entryReasons[entry.reason]);
      const { invited } = entry;
      const isNeeded = settings.registration !== 'open';
      return {
        opened: formTimes.stamp(),
        next: locations.readNext(enteredOr(context, 'next')),
        invitation: invited === null ? null : { isForAddress: isForAddress(invited), isNeeded },
        asksForEmail: asksForEmail(core, invited),
        needsEmail: settings.email === 'required',
        minimumCodePoints,
        // A script signs in with what an account has already.
        buttons: slots().signInButtons.filter(({ draw }) => draw === undefined),
      };
    };
  },
  view: registrationView,
});

/** May the visitor register? → a user’s form? → fields → hash → account, password and invitation in one transaction. */
export const register = defineAction({
  path: '/register',
  access: 'public',
  capacity: 'hashing',
  needs: { passwords: passwordsService, names: nameRules },
  input: z.object({ username: text(), email: text(), password: text(), next: text() }),
  keeps: ['username', 'email'],
  reasons: {
    ...entryReasons,
    ...fieldReasons,
    'trap-filled': { status: 422, text: (words) => words(fieldWords).trapFilled },
    'form-too-old': { status: 422, text: (words) => words(registrationWords).formTooOld },
  },
  run: (core, { passwords, names }) => {
    const { settings, locations } = core;
    const entryOf = createEntry(core);
    const { registrationMinTime, signInAfterRegistration } = core.settingsOf(registrationSettings);
    const robots = createRobotCheck(core, registrationMinTime);
    const isUnconfirmed = settings.email === 'required';
    const isSignedIn = signInAfterRegistration === 'on' && !isUnconfirmed;
    const rules = { ...names, passwords, needsEmail: settings.email === 'required' };
    return async ({ context, form, input: { username, email, password, next } }) => {
      const entry = await entryOf(context);
      if (!entry.ok) return refuseEntry(core, context, entry.reason);
      const { invited } = entry;
      const impression = robots.impressionOf(form);
      if (impression === 'trap-filled') announceRefusal(core, context, 'robot');
      if (impression !== 'user') return { ok: false, problems: [{ reason: impression }] };
      const typed = { username, password, email: asksForEmail(core, invited) ? email : '' };
      const read = await readRegistration(typed, rules, invited?.invitation ?? null);
      if (!read.ok) {
        announceRefusal(core, context, 'invalid-fields');
        return read;
      }
      await robots.waitForRest(form, clientNetwork(context.address)?.address ?? null);
      const attempt = await attemptToRegister(core, passwords, { context, form }, read, invited);
      if (!attempt.ok) return attempt;
      const outcome = attempt.result;
      if (outcome === 'invitation-gone') return refuseEntry(core, context, outcome);
      if (typeof outcome === 'string') return { ok: false, problems: [{ reason: `${outcome}-taken` }] };
      const wanted = locations.readNext(next);
      const progress = isSignedIn
        ? await signInAtOnce(core, passwords, context, { ...outcome, password, next: wanted })
        : null;
      if (progress !== null) return { ok: true, ...progress, flashes: noticesAbout(password) };
      const own = wanted === null ? afterRegistration(core, null) : null;
      return {
        ok: true,
        next: own === null ? withNext(paths.login, wanted) : locations.onward(own),
        flashes: [
          isUnconfirmed ? flashes.registeredUnconfirmed : flashes.registered,
          ...noticesAbout(password),
        ],
      };
    };
  },
});

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

/** What was created; or why nothing was: `username` and `email` are taken. */
type Outcome = Created | 'invitation-gone' | 'username' | 'email';

/** Takes the permits before the answer may reveal that a name is taken; the outcome decides which of them count. */
function attemptToRegister(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  registration: Registration,
  invited: Invited | null,
) {
  const counted = limitRegistration(context);
  return core.throttle<Outcome>({ context, counted, form, subject: null }, async () => {
    const outcome = await createAccount(core, passwords, { context, form }, registration, invited);
    if (outcome === 'invitation-gone') return { result: outcome, verdict: 'succeeded' };
    return { result: outcome, verdict: typeof outcome === 'string' ? COUNTS_AS_TAKEN : COUNTS_AS_REGISTERED };
  });
}

async function createAccount(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  { username, email, password }: Registration,
  invited: Invited | null,
): Promise<Outcome> {
  const now = core.clock();
  const hash = await passwords.hash(password, clientKey(context));
  const credentials = async (transaction: Queries, accountId: AccountId) => {
    await passwords.insert(transaction, accountId, hash, now);
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
  };
  try {
    const creation =
      email === null || !core.mail.isPossible
        ? await core.accounts.create({ username, email }, now, credentials)
        : await createWithMail(core, { context, form }, { username, email }, credentials);
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

type NewUser = Pick<Created, 'accountId'> & { readonly password: string; readonly next: string | null };

/** Signs the new user in with the password that was chosen just now. @returns null where the gate refuses it */
async function signInAtOnce(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { accountId, password, next }: NewUser,
): Promise<SignInProgress | null> {
  const version = await passwords.version(accountId);
  if (version === null) return null;
  const facts = passwords.factsOf({ accountId, version, password });
  const proof = { method: 'password', credential: `${version}`, facts } as const;
  const identity = { accountId, isRemembered: false, next: afterRegistration(core, next), ...proof };
  return progressOf(core.locations, await core.completeSignIn(context, identity), identity.next);
}

/** The generation of devices that a new account begins with. */
const FIRST_DEVICES = 0;

type Created = Extract<MailedCreation | AccountCreation, { ok: true }>;

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
