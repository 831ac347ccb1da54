import type { Core } from '../../auth/core.ts';
import type { ChangeOptions } from '../../auth/credential-change.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import type { Queries } from '../../auth/schema.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { changeWords, deleteRecovery, removeFactors } from '../second-factors/index.ts';
import { changes, flashes } from './definitions.ts';

type Completion = Pick<ChangeOptions<never>, 'token'> & {
  readonly by: 'delay' | 'two-proofs';
  /** Whether what was proven still is, once the account is locked. */
  readonly stillHolds: (transaction: Queries) => Promise<boolean>;
};

/**
 * Removes the lost factors of the account of a pending sign-in, and continues it.
 * @returns null where another request was faster, or what was proven holds no more
 */
export async function removeLost(
  core: Core,
  context: RequestContext,
  { accountId, flow }: PendingSignIn,
  { by, token, stillHolds }: Completion,
) {
  const isMeant = () => true;
  const changed = await changeFactors(core, context, changes.secondFactorsRecovered, {
    accountId,
    ...(token !== undefined && { token }),
    said: context.words(changeWords).lost,
    apply: async (transaction, at) => {
      if (!(await stillHolds(transaction))) return false;
      await deleteRecovery(transaction, accountId);
      return removeFactors(core, transaction, { accountId, at, isMeant });
    },
    event: { accountId, by },
  });
  if (!changed.ok) return null;
  const progress = await core.continueSignIn(context, flow);
  if (progress.data.state !== 'signed-in') return progress;
  return { ...progress, next: paths.security, flashes: [flashes.factorsRecovered] };
}
