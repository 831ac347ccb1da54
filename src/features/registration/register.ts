import type { AccountCreation } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import { clientTurn } from '../../auth/hashing-turns.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import {
  clientNetwork,
  type KeyedLimit,
  refusalHeaders,
  type TooMany,
  type TooManyNotice,
  tooManyNotice,
} from '../../platform/rate-limit/index.ts';
import { enteredOr, originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import { safeNextPath, withNext } from '../../platform/web/next-path.ts';
import { RequestRefused } from '../../platform/web/problems.ts';
import { keepsTrap } from '../../platform/web/trap.ts';
import { createWithMail, type MailedCreation } from '../email-confirmation/index.ts';
import { noticesAbout } from '../passwords/index.ts';
import { events, flashes, limits, type RegistrationRefusal, tokens } from './definitions.ts';
import {
  type FieldRules,
  type Registration,
  type RegistrationProblems,
  readRegistration,
  type Typed,
  typedFields,
} from './fields.ts';
import {
  chosenInvitation,
  createEntry,
  type EntryRefusal,
  InvitationGone,
  type Invited,
  spendInvitation,
} from './invitation.ts';
import { type RepeatReason, refusedPage, registrationForm } from './pages.ts';
import { createRobotCheck } from './robots.ts';
import { registrationWords } from './words.ts';

/** GET /register: the form; where somebody is not let in, a page that says why. */
export function showRegistration(core: Core, rules: FieldRules) {
  const entryOf = createEntry(core);
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, tokens.invitation);
    if (withoutToken !== null) return withoutToken;
    if (context.signedIn !== null) return core.pages.redirect(paths.home);
    context.flow = chosenInvitation(core, context);
    const entry = await entryOf(context);
    if (!entry.admitted) return showRefused(core, context, entry.why);
    return showForm(core, rules, context, entry.invited, {
      status: 200,
      typed: { username: context.typed?.text('username') ?? '', email: context.typed?.text('email') ?? '' },
      hasTrap: true,
      next: safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin),
    });
  };
}

/** POST /register: let in? → a user’s form? → fields → hash → account, password and invitation in one transaction → login page. */
export function submitRegistration(core: Core, rules: FieldRules, minimumTime: number) {
  const entryOf = createEntry(core);
  const impressionOf = createRobotCheck(core, minimumTime);
  return async ({ context, form }: Submission) => {
    const entry = await entryOf(context);
    if (!entry.admitted) return refuse(core, context, entry.why);
    const { invited } = entry;
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = typedFields(form, asksForEmail(core, invited));
    const again = { status: 422, typed, next, hasTrap: keepsTrap(form) };
    const impression = await impressionOf(form);
    if (impression === 'trap-filled') tellRefused(core, context, 'robot');
    if (impression !== 'person')
      return showForm(core, rules, context, invited, { ...again, repeat: impression });
    const needsEmail = core.settings.email === 'required';
    const invitation = invited?.invitation ?? null;
    const reading = await readRegistration(
      typed,
      form.text('password'),
      { ...rules, needsEmail },
      invitation,
    );
    if (!reading.valid) {
      tellRefused(core, context, 'invalid-fields');
      return showForm(core, rules, context, invited, { ...again, problems: reading.problems });
    }
    const attempt = await attemptToRegister(core, rules, { context, form }, reading.registration, invited);
    if (!attempt.ok) return showTooMany(core, rules, context, invited, { ...again, ...attempt });
    const outcome = attempt.result;
    if (outcome === 'invitation-gone') return refuse(core, context, outcome);
    if (outcome !== 'registered')
      return showForm(core, rules, context, invited, { ...again, problems: outcome });
    return welcome(core, context, next, form.text('password'));
  };
}

type Outcome = 'registered' | 'invitation-gone' | RegistrationProblems;

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

/** Under what a registration counts by its outcome. */
export const COUNTS_AS_REGISTERED = [limits.registrations];
export const COUNTS_AS_TAKEN = [limits['taken-names'], limits['taken-names-of-network']];

/** Takes the permits before the answer may reveal that a name is taken; the outcome decides which of them count. */
function attemptToRegister(
  core: Core,
  rules: FieldRules,
  { context, form }: Submission,
  registration: Registration,
  invited: Invited | null,
) {
  const counted = limitRegistration(context);
  return core.throttle<Outcome>({ context, counted, form, subject: null }, async () => {
    const outcome = await register(core, rules, { context, form }, registration, invited);
    if (outcome === 'invitation-gone') return { result: outcome, verdict: 'succeeded' };
    return { result: outcome, verdict: outcome === 'registered' ? COUNTS_AS_REGISTERED : COUNTS_AS_TAKEN };
  });
}

async function register(
  core: Core,
  { passwords }: FieldRules,
  { context, form }: Submission,
  { username, email, password }: Registration,
  invited: Invited | null,
): Promise<Outcome> {
  const now = core.clock();
  const hash = await passwords.hash(password, clientTurn(context));
  const credentials = async (transaction: Queries, accountId: string) => {
    await passwords.insert(transaction, accountId, hash, now);
    if (invited !== null) await spendInvitation(core, transaction, invited, now);
  };
  try {
    const creation =
      email === null || !core.mail.isPossible
        ? await core.accounts.create({ username, email }, now, credentials)
        : await createWithMail(core, { context, form }, { username, email }, credentials);
    if (!creation.created) {
      tellRefused(core, context, `${creation.taken}-taken`);
      return { [creation.taken]: 'taken' };
    }
    tell(core, context, creation, invited);
    return 'registered';
  } catch (error) {
    if (error instanceof InvitationGone) return 'invitation-gone';
    throw error;
  }
}

/** The generation of devices that a new account begins with. */
const FIRST_DEVICES = 0;

type Created = Extract<MailedCreation | AccountCreation, { created: true }>;

function tell(core: Core, context: RequestContext, created: Created, invited: Invited | null): void {
  const { accountId } = created;
  core.devices.remember(context, accountId, core.clock(), FIRST_DEVICES);
  // What the visitor must not learn, whoever runs the site may.
  if ('isAddressTaken' in created && created.isAddressTaken) tellRefused(core, context, 'email-taken');
  else core.announce(events.registered, { accountId }, originOf(context));
  if (invited === null) return;
  core.linkTokens.clear(context, invited.flow);
  const invitationId = core.oneTimeTokens.idOf(invited.token);
  core.announce(events.invitationSpent, { accountId, invitationId }, originOf(context));
}

function tellRefused({ announce }: Core, context: RequestContext, reason: RegistrationRefusal): void {
  announce(events.registrationRefused, { reason }, originOf(context));
}

function welcome(
  { pages, settings }: Core,
  context: RequestContext,
  next: string | null,
  password: string,
): Response {
  const message = settings.email === 'required' ? flashes.registeredUnconfirmed : flashes.registered;
  pages.flash(context, message, ...noticesAbout(password));
  return pages.redirect(withNext(paths.login, next));
}

function refuse(core: Core, context: RequestContext, why: EntryRefusal) {
  tellRefused(core, context, why);
  if (why === 'closed') throw new RequestRefused(403);
  core.linkTokens.clear(context);
  return showRefused(core, context, why);
}

function showRefused({ pages }: Core, context: RequestContext, why: EntryRefusal) {
  return pages.show(context, 403, { title: registrationWords.refused[why].title, body: refusedPage(why) });
}

/** Who was invited by an address has to give it, whatever else is asked for. */
function asksForEmail({ settings }: Core, invited: Invited | null): boolean {
  return settings.email !== 'off' || isInvitedByAddress(invited);
}

function isInvitedByAddress(invited: Invited | null): boolean {
  return invited !== null && invited.invitation.email !== null;
}

async function showTooMany(
  core: Core,
  rules: FieldRules,
  context: RequestContext,
  invited: Invited | null,
  { refusal, ...state }: Omit<FormState, 'tooMany'> & { readonly refusal: TooMany },
) {
  const now = core.clock();
  const again = { ...state, status: 429, tooMany: await tooManyNotice(context.words, refusal, now) };
  return showForm(core, rules, context, invited, again, refusalHeaders(refusal, now));
}

type FormState = {
  readonly status: number;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems?: RegistrationProblems;
  /** Whether it is drawn with the field that no user fills in. */
  readonly hasTrap: boolean;
  /** Why it is asked for once more, although nothing in it is wrong. */
  readonly repeat?: RepeatReason;
  readonly tooMany?: TooManyNotice;
};

function showForm(
  core: Core,
  { passwords }: FieldRules,
  context: RequestContext,
  invited: Invited | null,
  { status, problems = {}, repeat, tooMany, ...state }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const body = registrationForm({
    ...state,
    problems,
    repeat: repeat ?? null,
    tooMany: tooMany ?? null,
    csrf: core.pages.csrfToken(context),
    opened: core.formTimes.stamp(),
    invitation:
      invited === null
        ? null
        : {
            isForAddress: isInvitedByAddress(invited),
            isNeeded: core.settings.registration !== 'open',
          },
    asksForEmail: asksForEmail(core, invited),
    needsEmail: core.settings.email === 'required',
    minimumCodePoints: passwords.minimumCodePoints,
    signInButtons: core.slots().signInButtons,
  });
  return core.pages.show(context, status, { title: registrationWords.title, body }, more);
}
