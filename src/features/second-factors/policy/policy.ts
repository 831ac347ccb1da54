import type { Core } from '../../../auth/core.ts';
import type { AccountId } from '../../../auth/identifiers/ids.ts';
import type { ProofFact } from '../../../auth/required-steps/sign-in-step.ts';
import { defineService } from '../../../auth/services.ts';
import type { SettingsOf } from '../../../platform/settings/index.ts';
import { type Roles, rolesService } from '../../roles/index.ts';
import { isProtected } from '../factors.ts';
import { deadlineOf } from './deadlines.ts';
import { policySettings } from './settings.ts';

/** What the policy asks of an account that needs a second factor and has none. */
export type Demand = {
  /** When its grace period ends, in milliseconds of UTC. */
  readonly until: number;
  /** Whether that has ended. */
  readonly isDue: boolean;
  readonly hasBegun: boolean;
};

/** The roles of a sign-in or session; for an account by itself, none beside its own. */
type Concerned = { readonly roles: readonly string[] } | { readonly facts: readonly ProofFact[] };

const NO_OTHERS: Concerned = { roles: [] };

/** The fact of a sign-in whose provider has asserted a role that needs a second factor. */
const FACT = 'role-needs-second-factor';

/** The policy of the site for second factors (`MFA`). */
export type FactorPolicy = ReturnType<typeof createFactorPolicy>;

function createFactorPolicy(core: Core, roles: Roles) {
  const { clock, database, settingsOf } = core;
  const { mfa, mfaGrace: grace } = settingsOf(policySettings);
  const isNamed = isConcerned(settingsOf);

  /** Whether an account needs a second factor, now or once its grace period ends. */
  const isRequired = async (accountId: AccountId, by: Concerned = NO_OTHERS): Promise<boolean> => {
    if (mfa !== 'required-for-roles') return mfa === 'required';
    if ('facts' in by ? by.facts.includes(FACT) : isNamed(by.roles)) return true;
    return isNamed((await roles.of([accountId])).get(accountId) ?? []);
  };

  return {
    isOn: mfa !== 'optional',
    /** In milliseconds. */
    grace,
    isRequired,
    /** The same without asking the database, for a session, which has the roles of its account as well. */
    concerns: ({ roles: given }: { readonly roles: readonly string[] }): boolean =>
      mfa === 'required' || (mfa === 'required-for-roles' && isNamed(given)),

    /** Null where an account needs no second factor, or has one. */
    demandOn: async (accountId: AccountId, by?: Concerned): Promise<Demand | null> => {
      if (!(await isRequired(accountId, by)) || (await isProtected(core, accountId))) return null;
      const begun = grace === 0 ? null : await deadlineOf(database.queries, accountId);
      const now = clock();
      const until = (begun?.begunAt ?? now) + grace;
      return { until, isDue: until <= now, hasBegun: begun !== null };
    },
  };
}

export const factorPolicyService = defineService({
  needs: { roles: rolesService },
  create: (core, { roles }) => createFactorPolicy(core, roles),
});

function isConcerned(settingsOf: SettingsOf) {
  const { mfaRoles = [] } = settingsOf(policySettings);
  return (roles: readonly string[]) => roles.some((role) => mfaRoles.includes(role));
}

/** What a sign-in method adds to its facts for the roles that its provider has asserted, which the account does not have. */
export function roleFacts({ settingsOf }: Core, roles: readonly string[]): readonly ProofFact[] {
  return isConcerned(settingsOf)(roles) ? [FACT] : [];
}
