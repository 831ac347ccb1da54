import type { Core } from '../../auth/core.ts';
import type { AccountPanel, Positioned } from '../../auth/slots.ts';
import { EXTERNAL } from './definitions.ts';
import { connectionsStandingWords, connectionsWords } from './words.ts';

/** Leads to the page, and says which identity providers are connected. */
export function connectionsPanel({ accounts, slots }: Core): Positioned<AccountPanel> {
  return {
    position: 30,
    path: '/account/connections',
    content: (words) => {
      const { title, panel: text, see: link } = words(connectionsWords);
      return { title, text, link };
    },
    standing: async (accountId) => {
      const account = await accounts.read(accountId);
      const own = slots().signInRules.methods.find(({ name }) => name === EXTERNAL);
      const linked = account === null ? [] : ((await own?.listLinkedCredentials?.(account)) ?? []);
      const labels = [...new Set(linked.map(({ label }) => label))].join(', ');
      return (words) => (labels === '' ? words(connectionsStandingWords).none : labels);
    },
  };
}
