import type { Core } from '../../../core/core.ts';
import type { RequestContext } from '../../../core/http/context.ts';
import { paths, withNext } from '../../../core/paths.ts';
import { createEntry } from '../../registration/index.ts';
import { answerFailure } from '../flow/failed.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { Provider } from '../providers/provider.ts';
import { keepNewcomer, newcomerFrom } from './newcomer.ts';

/** What becomes of somebody whose identity nobody here has. */
export type Newcomers = {
  readonly receive: (
    context: RequestContext,
    provider: Provider,
    found: ExternalIdentity,
    next: string | null,
  ) => Promise<Response>;
};

/** They may make an account where anybody may, or where they were invited; elsewhere they are told. */
export function createNewcomers(core: Core): Newcomers {
  const entryOf = createEntry(core);
  return {
    receive: async (context, provider, found, next) => {
      const entry = await entryOf(context);
      if (!entry.admitted) {
        const failure = { reason: 'unknown', code: entry.why } as const;
        return answerFailure(core, context, provider, failure, { intent: 'sign-in', next });
      }
      await keepNewcomer(core, context, newcomerFrom(provider, found));
      return core.pages.redirect(withNext(paths.newcomer, next));
    },
  };
}
