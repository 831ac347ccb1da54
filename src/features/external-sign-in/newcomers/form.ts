import type { Core } from '../../../auth/core.ts';
import { parseUsername } from '../../../auth/identifiers/username.ts';
import { messages } from '../../../auth/pages/messages.ts';
import { paths } from '../../../auth/paths.ts';
import { registrationFrom } from '../../../auth/throttle/surfaces.ts';
import { tooManyHeaders, tooManyNotice } from '../../../platform/rate-limit/too-many-answer.ts';
import { parseEmailAddress } from '../../../platform/text/email-address.ts';
import { enteredOr, originOf, type RequestContext, type Submission } from '../../../platform/web/context.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import { emailProblem, type Invited, type NameRules, usernameProblem } from '../../registration/index.ts';
import { flashes } from '../definitions.ts';
import { enter } from '../flow/sign-in.ts';
import { labelOf, type Provider } from '../providers/provider.ts';
import { announceMade, type Choice, type Made, type Making, makeAccount } from './account.ts';
import { type AddressPlan, planAddress } from './address.ts';
import { createNewcomerEntry } from './entry.ts';
import { forgetNewcomer, readNewcomer, type WaitingNewcomer } from './newcomer.ts';
import { type NewcomerProblems, newcomerForm } from './pages.ts';

export type NewcomerParts = { readonly names: NameRules; readonly providers: readonly Provider[] };

/** GET /register/connected: asks somebody whom a provider has proven for a username. */
export function showNewcomer(core: Core, parts: NewcomerParts) {
  const visitOf = createVisit(core, parts);
  return async (context: RequestContext) => {
    core.flows.choose(context, 'newcomer');
    const visit = await visitOf(context);
    if (visit === null) return sendBack(core, context);
    const next = safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin);
    const typed = {
      username: context.typed?.text('username') ?? proposal(visit.waiting),
      email: context.typed?.text('email') ?? (visit.plan.kind === 'asked' ? visit.plan.proposal : ''),
    };
    return showForm(core, parts, context, visit, { status: 200, typed, next });
  };
}

/** POST /register/connected: fields → account, identity and invitation in one transaction → the gate. */
export function submitNewcomer(core: Core, parts: NewcomerParts) {
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
    const counted = registrationFrom(context);
    const attempt = await core.throttle({ context, counted, form, accountId: null }, async () => {
      const making = await makeAccount(core, submission, choice, visit.waiting, visit.invited);
      return { result: making, verdict: verdictOf(making) };
    });
    if (!attempt.allowed) {
      const now = core.clock();
      const tooMany = await tooManyNotice(attempt.refusal, now);
      const headers = tooManyHeaders(attempt.refusal, now);
      return showForm(core, parts, context, visit, { ...again, status: 429, tooMany }, headers);
    }
    const making = attempt.result;
    if (making === 'gone' || making === 'invitation-gone') return sendBack(core, context);
    if ('taken' in making) {
      const problems = { [making.taken]: 'taken' } as const;
      return showForm(core, parts, context, (await visitOf(context)) ?? visit, { ...again, problems });
    }
    forgetNewcomer(core, context, context.flow);
    tell(core, context, making, visit);
    const { vouchedId } = visit.waiting.newcomer;
    const entering = { accountId: making.accountId, vouchedId };
    return core.pages.redirect((await enter(core, context, entering, next)) ?? paths.login);
  };
}

function verdictOf(
  making: Making,
): 'succeeded' | readonly ['registrations'] | readonly ['taken-names', 'taken-names-of-network'] {
  if (making === 'gone' || making === 'invitation-gone') return 'succeeded';
  return 'taken' in making ? ['taken-names', 'taken-names-of-network'] : ['registrations'];
}

type Visit = {
  readonly waiting: WaitingNewcomer;
  readonly invited: Invited | null;
  readonly plan: AddressPlan;
};

/** Who stands there, with what lets them in; null where nobody does, or no longer. */
function createVisit(core: Core, { names, providers }: NewcomerParts) {
  const entryOf = createNewcomerEntry(core);
  return async (context: RequestContext): Promise<Visit | null> => {
    const waiting = await readNewcomer(core, context, context.flow);
    const provider = providers.find(({ name }) => name === waiting?.newcomer.provider);
    if (waiting === null || provider === undefined) return null;
    const entry = await entryOf(context, provider, waiting.newcomer.invitation);
    if (!entry.admitted) return null;
    const { invited } = entry;
    return { waiting, invited, plan: await planAddress(core, names, waiting.newcomer, invited) };
  };
}

function sendBack(core: Core, context: RequestContext) {
  forgetNewcomer(core, context, context.flow);
  core.pages.flash(context, flashes.providerExpired);
  return core.pages.redirect(paths.login);
}

type Typed = { readonly username: string; readonly email: string };

function readChoice(
  names: NameRules,
  typed: Typed,
  { plan, invited }: Visit,
): Choice | { readonly problems: NewcomerProblems } {
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

function tell(core: Core, context: RequestContext, made: Made, { waiting, invited }: Visit): void {
  announceMade(core, context, made, waiting.newcomer);
  if (invited === null) return;
  core.linkTokens.clear(context, invited.flow);
  const { accountId } = made;
  const invitationId = core.oneTimeTokens.idOf(invited.token);
  core.announce({ type: 'invitation-spent', accountId, invitationId }, originOf(context));
}

/** A name of the profile that would do as it is; none where it would not. */
function proposal({ newcomer: { name, email } }: WaitingNewcomer): string {
  const candidates = [name, email?.slice(0, email.indexOf('@')) ?? null];
  return candidates.find((text) => text !== null && parseUsername(text).valid) ?? '';
}

type FormState = {
  readonly status: number;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems?: NewcomerProblems;
  readonly tooMany?: Awaited<ReturnType<typeof tooManyNotice>>;
};

function showForm(
  core: Core,
  { providers }: NewcomerParts,
  context: RequestContext,
  { waiting, plan }: Visit,
  { status, problems = {}, tooMany, ...state }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const { provider } = waiting.newcomer;
  const site = labelOf(providers, provider);
  const csrf = core.pages.csrfToken(context);
  const body = newcomerForm({ ...state, csrf, site, plan, problems, tooMany: tooMany ?? null });
  const { title } = messages.externalSignIn.newcomer;
  return core.pages.show(context, status, { title, body }, more);
}
