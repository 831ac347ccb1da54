import { paths } from '../../auth/paths.ts';
import type { AccountPanel, Positioned } from '../../auth/slots.ts';
import type { Passwords } from '../passwords/index.ts';
import { passwordPanelWords, passwordStandingWords } from './words.ts';

/** Leads to the page, and says whether there is a password. */
export function passwordPanel({ version }: Passwords): Positioned<AccountPanel> {
  return {
    position: 10,
    path: paths.password,
    content: (words) => words(passwordPanelWords),
    standing: async (accountId) => {
      const isSet = (await version(accountId)) !== null;
      return (words) => words(passwordStandingWords)[isSet ? 'isSet' : 'none'];
    },
  };
}
