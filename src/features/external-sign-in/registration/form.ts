import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext, Submission } from '../../../auth/request-context.ts';
import { refusalHeaders, tooManyNotice, type Verdict } from '../../../platform/rate-limit/index.ts';
import { parseEmailAddress, parseUsername } from '../../../platform/text/index.ts';
import { enteredOr, originOf } from '../../../platform/web/context.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import {
  COUNTS_AS_REGISTERED,
  COUNTS_AS_TAKEN,
  emailProblem,
  type Invited,
  limitRegistration,
  type NameRules,
  events as registrationEvents,
  usernameProblem,
} from '../../registration/index.ts';
import { cookies, flashes } from '../definitions.ts';
import { enter } from '../flow/outcome.ts';
import { type FieldProblems, registrationForm } from '../pages.ts';
import { labelOf, type Provider } from '../providers/provider.ts';
import { externalSignInWords } from '../words.ts';
import {
  type AddressPlan,
  announceCreated,
  type Choice,
  type CreatedAccount,
  type Creation,
  createAccount,
  createProviderEntry,
  planAddress,
} from './account.ts';
import { forgetRegistration, type OpenRegistration, readRegistration } from './pending-registration.ts';

export type RegistrationParts = { readonly names: NameRules; readonly providers: readonly Provider[] };

/** GET /register/connected: asks a new user of a provider for a username. */
export function showRegistration(core: Core, parts: RegistrationParts) {
  const visitOf = createVisit(core, parts);
  return async (context: RequestContext) => {
    core.flows.choose(context, cookies.newcomer);
    const visit = await visitOf(context);
    if (visit === null) return sendBack(core, context);
    const next = safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin);
    const typed = {
      username: context.typed?.text('username') ?? proposedName(visit.open),
      email: context.typed?.text('email') ?? (visit.plan.kind === 'asked' ? visit.plan.proposal : ''),
    };
    return showForm(core, parts, context, visit, { status: 200, typed, next });
  };
}

/** POST /register/connected: fields → account, identity and invitation in one transaction → `completeSignIn`. */
export function submitRegistration(core: Core, parts: RegistrationParts) {
  const visitOf = createVisit(core, parts);
  return async (submission: Submission) => {
    const { context, form } = submission;
    const visit = await visitOf(context);
    if (visit === null) return sendBack(core, context);
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = { username: form.text('username'), email: form.text('email') };
    const again = { status: 422, typed, next };
    const choice = readChoice(parts.names, typed, visit);
    if ('problems' in choice) return showForm(core, parts, context, visit, { ...again, ...choice });
    const counted = limitRegistration(context);
    const attempt = await core.throttle({ context, counted, form, subject: null }, async () => {
      const creation = await createAccount(core, submission, choice, visit.open, visit.invited);
      return { result: creation, verdict: verdictOf(creation) };
    });
    if (!attempt.ok) {
      const now = core.clock();
      const tooMany = await tooManyNotice(context.words, attempt.refusal, now);
      const headers = refusalHeaders(attempt.refusal, now);
      return showForm(core, parts, context, visit, { ...again, status: 429, tooMany }, headers);
    }
    const creation = attempt.result;
    if (!creation.ok) {
      if (creation.reason === 'expired') return sendBack(core, context);
      const problems = { [creation.reason]: 'taken' } as const;
      return showForm(core, parts, context, (await visitOf(context)) ?? visit, { ...again, problems });
    }
    forgetRegistration(core, context, context.flow);
    announce(core, context, creation, visit);
    const { vouchedId: federatedLoginId } = visit.open.registration;
    const entering = { accountId: creation.accountId, federatedLoginId };
    return core.pages.redirect((await enter(core, context, entering, next)) ?? paths.login);
  };
}

function verdictOf(creation: Creation): Verdict {
  if (creation.ok) return COUNTS_AS_REGISTERED;
  return creation.reason === 'expired' ? 'succeeded' : COUNTS_AS_TAKEN;
}

type Visit = {
  readonly open: OpenRegistration;
  readonly invited: Invited | null;
  readonly plan: AddressPlan;
};

/** The pending registration of the request and what permits it; null without one. */
function createVisit(core: Core, { names, providers }: RegistrationParts) {
  const entryOf = createProviderEntry(core);
  return async (context: RequestContext): Promise<Visit | null> => {
    const open = await readRegistration(core, context, context.flow);
    const provider = providers.find(({ name }) => name === open?.registration.provider);
    if (open === null || provider === undefined) return null;
    const entry = await entryOf(context, provider, open.registration.invitation);
    if (!entry.admitted) return null;
    const { invited } = entry;
    return { open, invited, plan: await planAddress(core, names, open.registration, invited) };
  };
}

function sendBack(core: Core, context: RequestContext) {
  forgetRegistration(core, context, context.flow);
  core.pages.flash(context, flashes.providerExpired);
  return core.pages.redirect(paths.login);
}

type Typed = { readonly username: string; readonly email: string };

function readChoice(
  names: NameRules,
  typed: Typed,
  { plan, invited }: Visit,
): Choice | { readonly problems: FieldProblems } {
  const invitation = invited?.invitation ?? null;
  const username = parseUsername(typed.username);
  const ofUsername = usernameProblem(username, names, invitation);
  const isEmpty = typed.email.trim() === '';
  const given = plan.kind !== 'asked' || isEmpty ? null : parseEmailAddress(typed.email);
  const rules = { ...names, needsEmail: plan.kind === 'asked' && plan.isRequired };
  const ofEmail = plan.kind === 'asked' ? emailProblem(given, rules, invitation) : null;
  if (ofUsername !== null || ofEmail !== null || !username.valid || given?.valid === false)
    return {
      problems: {
        ...(ofUsername !== null && { username: ofUsername }),
        ...(ofEmail !== null && { email: ofEmail }),
      },
    };
  const isEmailProven = plan.kind === 'proven';
  return { username, email: isEmailProven ? plan.email : given, isEmailProven };
}

function announce(
  core: Core,
  context: RequestContext,
  created: CreatedAccount,
  { open, invited }: Visit,
): void {
  announceCreated(core, context, created, open.registration);
  if (invited === null) return;
  core.linkTokens.clear(context, invited.flow);
  const { accountId } = created;
  const invitationId = core.oneTimeTokens.idOf(invited.token);
  core.announce(registrationEvents.invitationSpent, { accountId, invitationId }, originOf(context));
}

/** A valid username of the profile; the empty text without one. */
function proposedName({ registration: { name, email } }: OpenRegistration): string {
  const candidates = [name, email?.slice(0, email.indexOf('@')) ?? null];
  return candidates.find((text) => text !== null && parseUsername(text).valid) ?? '';
}

type FormState = {
  readonly status: number;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems?: FieldProblems;
  readonly tooMany?: Awaited<ReturnType<typeof tooManyNotice>>;
};

function showForm(
  core: Core,
  { providers }: RegistrationParts,
  context: RequestContext,
  { open, plan }: Visit,
  { status, problems = {}, tooMany, ...state }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const label = labelOf(providers, open.registration.provider);
  const csrf = core.pages.csrfToken(context);
  const body = registrationForm({ ...state, csrf, label, plan, problems, tooMany: tooMany ?? null });
  const { title } = externalSignInWords.newcomer;
  return core.pages.show(context, status, { title, body }, more);
}
