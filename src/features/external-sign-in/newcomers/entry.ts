import type { Core } from '../../../auth/core.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { createEntry, type Entry } from '../../registration/index.ts';
import type { Provider } from '../providers/provider.ts';

/**
 * Whether somebody new may make an account, as `REGISTRATION` says. Where a provider’s people get one by themselves, or
 * never, that goes before.
 */
export function createNewcomerEntry(core: Core) {
  const entryOf = createEntry(core);
  return async (context: RequestContext, { newAccounts }: Provider, invitation: string): Promise<Entry> => {
    if (newAccounts === 'none') return { admitted: false, why: 'closed' };
    const entry = await entryOf(context, invitation);
    if (entry.admitted || newAccounts !== 'automatic') return entry;
    return { admitted: true, invited: null };
  };
}
