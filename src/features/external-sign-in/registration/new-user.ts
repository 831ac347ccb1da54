import { randomInt } from 'node:crypto';
import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext } from '../../../auth/request-context.ts';
import { parseUsername, type Username } from '../../../platform/text/index.ts';
import { withFlow } from '../../../platform/web/flows.ts';
import { NO_FORM } from '../../../platform/web/form.ts';
import { withNext } from '../../../platform/web/next-path.ts';
import {
  COUNTS_AS_REGISTERED,
  chosenInvitation,
  limitRegistration,
  type NameRules,
  usernameProblem,
} from '../../registration/index.ts';
import type { AuthorizationRequest } from '../flow/authorization-request.ts';
import { answerFailure, enter } from '../flow/outcome.ts';
import type { Provider } from '../providers/provider.ts';
import { announceCreated, createAccount, createProviderEntry, planAddress } from './account.ts';
import {
  forgetRegistration,
  type OpenRegistration,
  pendingRegistrationFrom,
  type RecordedIdentity,
  storeRegistration,
} from './pending-registration.ts';

/** Continues a sign-in whose identity no account has. */
export type ReceiveNewUser = (
  context: RequestContext,
  provider: Provider,
  found: RecordedIdentity,
  request: Pick<AuthorizationRequest, 'next' | 'invitation'>,
) => Promise<Response>;

/** Creates an account just in time, asks for a username, or refuses, by the policies of provider and registration. */
export function createReceiveNewUser(core: Core, names: NameRules): ReceiveNewUser {
  const entryOf = createProviderEntry(core);
  return async (context, provider, found, { next, ...request }) => {
    const invitation = request.invitation === '' ? chosenInvitation(core, context) : request.invitation;
    const entry = await entryOf(context, provider, invitation);
    if (!entry.admitted) {
      const failure = { reason: 'unknown', code: entry.why } as const;
      return answerFailure(core, context, provider, failure, { intent: 'sign-in', next });
    }
    const pending = { ...pendingRegistrationFrom(provider, found), invitation };
    const open = await storeRegistration(core, context, pending);
    const isJustInTime = provider.newAccounts === 'automatic' && entry.invited === null;
    const accountId = isJustInTime ? await provisionAccount(core, names, context, open) : null;
    if (accountId === null) return core.pages.redirect(withFlow(withNext(paths.newcomer, next), open.flow));
    forgetRegistration(core, context, open.flow);
    const { federatedLoginId } = found;
    return core.pages.redirect(
      (await enter(core, context, { accountId, federatedLoginId }, next)) ?? paths.login,
    );
  };
}

/** The longest stem of a username that leaves room for a number, in characters. */
const MAX_STEM_LENGTH = 40;

/**
 * Just-in-time provisioning: creates an account with a username from the profile and an address that the provider has
 * proven.
 * @returns its id; null if the user has to be asked: no name is available, an address is required, or an account has it
 */
async function provisionAccount(
  core: Core,
  names: NameRules,
  context: RequestContext,
  open: OpenRegistration,
): Promise<string | null> {
  const { registration } = open;
  const plan = await planAddress(core, names, registration, null);
  const mustBeAsked = plan.kind === 'asked' && (plan.isRequired || plan.held !== null);
  if (mustBeAsked) return null;
  const isEmailProven = plan.kind === 'proven';
  const email = isEmailProven ? plan.email : null;
  for (const username of usernamesFor(names, open)) {
    const choice = { username, email, isEmailProven };
    const attempt = await core.throttle(
      { context, counted: limitRegistration(context), form: NO_FORM, subject: null },
      async () => {
        const creation = await createAccount(core, { context, form: NO_FORM }, choice, open, null);
        const isExpired = !creation.ok && creation.reason === 'expired';
        return { result: creation, verdict: isExpired ? 'succeeded' : COUNTS_AS_REGISTERED };
      },
    );
    if (!attempt.ok) return null;
    const creation = attempt.result;
    if (creation.ok) {
      announceCreated(core, context, creation, registration);
      return creation.accountId;
    }
    if (creation.reason !== 'username') return null;
  }
  return null;
}

/** The available names of the profile, then the same names with numbers. */
function usernamesFor(
  names: NameRules,
  { registration: { name, email } }: OpenRegistration,
): readonly Username[] {
  const stems = usable(names, [name, email?.slice(0, email.indexOf('@')) ?? null]);
  const numbered = stems.flatMap(({ username }) => {
    const short = username.slice(0, MAX_STEM_LENGTH).toWellFormed();
    return [`${short}${randomInt(10, 100)}`, `${short}${randomInt(1_000, 1_000_000)}`];
  });
  return [...stems, ...usable(names, numbered)];
}

function usable(names: NameRules, texts: readonly (string | null)[]): readonly Username[] {
  return texts.flatMap((text) => {
    const reading = parseUsername(text ?? '');
    return reading.valid && usernameProblem(reading, names, null) === null ? [reading] : [];
  });
}
