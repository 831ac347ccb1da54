import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { AccountPanel, Positioned } from '../../auth/slots.ts';
import { sessionsPanelWords, sessionsStandingWords } from './words.ts';

/** Leads to the page, and says how many sessions there are. */
export function sessionsPanel({ sessions, clock }: Core): Positioned<AccountPanel> {
  return {
    position: 50,
    path: paths.sessions,
    content: (words) => words(sessionsPanelWords),
    standing: async (accountId) => {
      const { length: count } = await sessions.list(accountId, clock());
      return (words) => words(sessionsStandingWords).browsers(count);
    },
  };
}
