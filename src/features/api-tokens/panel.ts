import { paths } from '../../auth/paths.ts';
import type { Database } from '../../auth/schema.ts';
import type { AccountPanel, Positioned } from '../../auth/slots.ts';
import { apiTokensOf } from './store.ts';
import { tokensPanelWords, tokensStandingWords } from './words.ts';

/** Leads to the page, and says how many tokens there are. */
export function tokensPanel({ queries }: Database): Positioned<AccountPanel> {
  return {
    position: 40,
    path: paths.apiTokens,
    content: (words) => words(tokensPanelWords),
    standing: async (accountId) => {
      const { length: count } = await apiTokensOf(queries, accountId);
      return (words) => words(tokensStandingWords).tokens(count);
    },
  };
}
