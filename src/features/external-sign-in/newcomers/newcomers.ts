import type { Core } from '../../../auth/core.ts';
import { paths, withNext } from '../../../auth/paths.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { withFlow } from '../../../platform/web/flows.ts';
import { chosenInvitation, type NameRules } from '../../registration/index.ts';
import { answerFailure } from '../flow/failed.ts';
import { enter } from '../flow/sign-in.ts';
import type { Provider } from '../providers/provider.ts';
import type { Transaction } from '../transactions/transactions.ts';
import { makeAtOnce } from './automatic.ts';
import { createNewcomerEntry } from './entry.ts';
import { forgetNewcomer, keepNewcomer, newcomerFrom, type VouchedIdentity } from './newcomer.ts';

/** What becomes of somebody whose identity nobody here has. */
export type Newcomers = {
  readonly receive: (
    context: RequestContext,
    provider: Provider,
    found: VouchedIdentity,
    begun: Pick<Transaction, 'next' | 'invitation'>,
  ) => Promise<Response>;
};

/** They may make an account where anybody may, or where they were invited; elsewhere they are told. */
export function createNewcomers(core: Core, names: NameRules): Newcomers {
  const entryOf = createNewcomerEntry(core);
  return {
    receive: async (context, provider, found, { next, ...begun }) => {
      const invitation = begun.invitation === '' ? chosenInvitation(core, context) : begun.invitation;
      const entry = await entryOf(context, provider, invitation);
      if (!entry.admitted) {
        const failure = { reason: 'unknown', code: entry.why } as const;
        return answerFailure(core, context, provider, failure, { intent: 'sign-in', next });
      }
      const waiting = await keepNewcomer(core, context, { ...newcomerFrom(provider, found), invitation });
      const isAtOnce = provider.newAccounts === 'automatic' && entry.invited === null;
      const accountId = isAtOnce ? await makeAtOnce(core, names, context, waiting) : null;
      if (accountId === null)
        return core.pages.redirect(withFlow(withNext(paths.newcomer, next), waiting.flow));
      forgetNewcomer(core, context, waiting.flow);
      const way = await enter(core, context, { accountId, vouchedId: found.vouchedId }, next);
      return core.pages.redirect(way ?? paths.login);
    },
  };
}
