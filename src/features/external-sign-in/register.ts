import { z } from 'zod';
import { defineAction, definePage, type Problem, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { leadOn } from '../../platform/outcomes/index.ts';
import type { Verdict } from '../../platform/rate-limit/index.ts';
import { parseEmailAddress, parseUsername } from '../../platform/text/index.ts';
import { enteredOr, originOf } from '../../platform/web/index.ts';
import {
  afterRegistration,
  COUNTS_AS_REGISTERED,
  COUNTS_AS_TAKEN,
  emailProblem,
  emailReasons,
  type Invited,
  limitRegistration,
  type NameRules,
  nameRules,
  events as registrationEvents,
  usernameProblem,
  usernameReasons,
} from '../registration/index.ts';
import { cookies, flashes } from './definitions.ts';
import { completeFederatedLogin } from './federated-logins.ts';
import { type IdentityProviders, identityProvidersService } from './identity-providers.ts';
import {
  announceCreated,
  type Choice,
  type CreatedAccount,
  type Creation,
  createAccount,
  createProviderEntry,
} from './new-account.ts';
import { newUserView } from './pages.ts';
import {
  type AddressPlan,
  forgetRegistration,
  type OpenRegistration,
  planAddress,
  readRegistration,
} from './pending-registration.ts';

const needs = { names: nameRules, identityProviders: identityProvidersService };
type Deps = { readonly names: NameRules; readonly identityProviders: IdentityProviders };

const EXPIRED = { next: paths.login, flashes: [flashes.providerExpired] } as const;

/** Asks a new user of a provider for a username. */
export const newUserPage = definePage({
  path: '/register/connected',
  access: 'public',
  needs,
  load: (core, deps) => {
    const visitOf = createVisit(core, deps);
    return async (context) => {
      core.flows.choose(context, cookies.federated);
      const visit = await visitOf(context);
      if (visit === null) {
        forgetRegistration(core, context, context.flow);
        return leadOn(core, context, EXPIRED);
      }
      const { pending, plan, label } = visit;
      const email = plan.kind === 'asked' ? plan.proposal : '';
      return {
        label,
        plan,
        proposal: { username: proposedName(pending), email },
        connections: core.locations.of('/account/connections'),
        next: core.locations.readNext(enteredOr(context, 'next')),
      };
    };
  },
  view: newUserView,
});

/** Fields → account, identity and invitation in one transaction → `completeSignIn`. */
export const completeRegistration = defineAction({
  path: '/register/connected',
  access: 'public',
  needs,
  input: z.object({ username: text(), email: text(), next: text() }),
  keeps: ['username', 'email'],
  reasons: {
    ...usernameReasons,
    ...emailReasons,
    'no-pending-registration': {
      status: 409,
      text: (words) => flashes.providerExpired.text(words, 0),
      instead: EXPIRED,
    },
  },
  run: (core, deps) => {
    const visitOf = createVisit(core, deps);
    return async ({ context, form, input: { next, ...typed } }) => {
      const { flow } = context;
      const visit = await visitOf(context);
      if (visit === null) {
        forgetRegistration(core, context, flow);
        return { ok: false, problems: [{ reason: 'no-pending-registration' }] };
      }
      const choice = readChoice(deps.names, typed, visit);
      if ('problems' in choice) return { ok: false, problems: choice.problems };
      const counted = limitRegistration(context);
      const attempt = await core.throttle({ context, counted, form, subject: null }, async () => {
        const created = await createAccount(core, { context, form }, choice, visit.pending, visit.invited);
        return { result: created, verdict: verdictOf(created) };
      });
      if (!attempt.ok) return attempt;
      const created = attempt.result;
      if (!created.ok && created.reason !== 'expired')
        return { ok: false, problems: [{ reason: `${created.reason}-taken` }] };
      forgetRegistration(core, context, flow);
      if (!created.ok) return { ok: false, problems: [{ reason: 'no-pending-registration' }] };
      announce(core, context, created, visit);
      const { accountId } = created;
      const { federatedLoginId } = visit.pending.registration;
      const path = afterRegistration(core, core.locations.readNext(next));
      const progress = await completeFederatedLogin(core, context, { accountId, federatedLoginId }, path);
      return { ok: true, ...(progress ?? { next: paths.login, data: { state: 'signed-out' } }) };
    };
  },
});

function verdictOf(creation: Creation): Verdict {
  if (creation.ok) return COUNTS_AS_REGISTERED;
  return creation.reason === 'expired' ? 'succeeded' : COUNTS_AS_TAKEN;
}

type Visit = {
  readonly pending: OpenRegistration;
  readonly label: string;
  readonly invited: Invited | null;
  readonly plan: AddressPlan;
};

/** The pending registration of the request and what permits it; null without one. */
function createVisit(core: Core, { names, identityProviders }: Deps) {
  const entryOf = createProviderEntry(core);
  const providers = identityProviders.clients.map(({ provider }) => provider);
  return async (context: RequestContext): Promise<Visit | null> => {
    const pending = await readRegistration(core, context, context.flow);
    const provider = providers.find(({ name }) => name === pending?.registration.provider);
    if (pending === null || provider === undefined) return null;
    const entry = await entryOf(context, provider, pending.registration.invitation);
    if (!entry.ok) return null;
    const { invited } = entry;
    const plan = await planAddress(core, names, pending.registration, invited);
    return { pending, label: provider.label, invited, plan };
  };
}

type Typed = { readonly username: string; readonly email: string };
type FieldReason = keyof typeof usernameReasons | keyof typeof emailReasons;

function readChoice(
  names: NameRules,
  typed: Typed,
  { plan, invited }: Visit,
): Choice | { readonly problems: readonly Problem<FieldReason>[] } {
  const invitation = invited?.invitation ?? null;
  const username = parseUsername(typed.username);
  const wrongName = usernameProblem(username, names, invitation);
  const isEmpty = typed.email.trim() === '';
  const given = plan.kind !== 'asked' || isEmpty ? null : parseEmailAddress(typed.email);
  const rules = { ...names, needsEmail: plan.kind === 'asked' && plan.isRequired };
  const wrongAddress = plan.kind === 'asked' ? emailProblem(given, rules, invitation) : null;
  if (wrongName !== null || wrongAddress !== null || !username.ok || given?.ok === false)
    return {
      problems: [
        ...(wrongName === null ? [] : [{ reason: `username-${wrongName}` as const }]),
        ...(wrongAddress === null ? [] : [{ reason: `email-${wrongAddress}` as const }]),
      ],
    };
  const isEmailProven = plan.kind === 'proven';
  return { username, email: isEmailProven ? plan.email : given, isEmailProven };
}

function announce(
  core: Core,
  context: RequestContext,
  created: CreatedAccount,
  { pending, invited }: Visit,
): void {
  announceCreated(core, context, created, pending.registration);
  if (invited === null) return;
  core.linkTokens.clear(context, invited.flow);
  const { accountId } = created;
  const invitationId = core.oneTimeTokens.idOf(invited.token);
  core.announce(registrationEvents.invitationSpent, { accountId, invitationId }, originOf(context));
}

/** A valid username of the profile; the empty text without one. */
function proposedName({ registration: { name, email } }: OpenRegistration): string {
  const candidates = [name, email?.slice(0, email.indexOf('@')) ?? null];
  return candidates.find((text) => text !== null && parseUsername(text).ok) ?? '';
}
