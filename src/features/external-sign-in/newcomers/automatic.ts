import { randomInt } from 'node:crypto';
import type { Core } from '../../../auth/core.ts';
import { parseUsername, type Username } from '../../../auth/identifiers/username.ts';
import { registrationFrom } from '../../../auth/throttle/surfaces.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { NO_FORM } from '../../../platform/web/form.ts';
import { type NameRules, usernameProblem } from '../../registration/index.ts';
import { announceMade, makeAccount } from './account.ts';
import { planAddress } from './address.ts';
import type { WaitingNewcomer } from './newcomer.ts';

/** The longest stem of a name that leaves room for a number; in characters. */
const LONGEST_STEM = 40;

/**
 * Makes an account at once, with a name of the profile and an address that the provider is believed to have proven.
 * @returns its id; null where the person has to be asked: no name would do, an address is needed, or an account has it
 */
export async function makeAtOnce(
  core: Core,
  names: NameRules,
  context: RequestContext,
  waiting: WaitingNewcomer,
): Promise<string | null> {
  const { newcomer } = waiting;
  const plan = await planAddress(core, names, newcomer, null);
  const mustBeAsked = plan.kind === 'asked' && (plan.isRequired || plan.held !== null);
  if (mustBeAsked) return null;
  const isEmailProven = plan.kind === 'proven';
  const email = isEmailProven ? plan.email : null;
  for (const username of usernamesFor(names, waiting)) {
    const choice = { username, email, isEmailProven };
    const attempt = await core.throttle(
      { context, counted: registrationFrom(context), form: NO_FORM, accountId: null },
      async () => {
        const making = await makeAccount(core, { context, form: NO_FORM }, choice, waiting, null);
        return { result: making, verdict: typeof making === 'string' ? 'succeeded' : ['registrations'] };
      },
    );
    if (!attempt.allowed || typeof attempt.result === 'string') return null;
    if ('accountId' in attempt.result) {
      announceMade(core, context, attempt.result, newcomer);
      return attempt.result.accountId;
    }
    if (attempt.result.taken === 'email') return null;
  }
  return null;
}

/** Names of the profile that may be had here, and then the same with numbers, for where somebody has them. */
function usernamesFor(names: NameRules, { newcomer: { name, email } }: WaitingNewcomer): readonly Username[] {
  const stems = usable(names, [name, email?.slice(0, email.indexOf('@')) ?? null]);
  const numbered = stems.flatMap(({ username }) => {
    const short = username.slice(0, LONGEST_STEM).toWellFormed();
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
