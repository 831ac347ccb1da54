import {
  FIRST_CONTACT,
  LOCAL_ACCOUNTS,
  type LocalAccount,
  OUTCOMES,
  PROVIDER_ADDRESSES,
  type ProviderAddress,
} from '../../tests/kit/pages.ts';
import { row, withMarkedPart } from './marked-part.ts';

const MARKS = {
  start: '<!-- first contact: made by `npm run docs` from the table that the tests go through -->',
  end: '<!-- end of first contact -->',
};

/**
 * Puts what happens at first contact between its two markers.
 * @throws {Error} when the markers are not there
 */
export function withFirstContactTable(document: string): string {
  const addresses = keysOf<ProviderAddress>(PROVIDER_ADDRESSES);
  const tables = keysOf<keyof typeof FIRST_CONTACT>(FIRST_CONTACT).map((who) => {
    const head = row([
      `the account here (${who})`,
      ...addresses.map((address) => PROVIDER_ADDRESSES[address]),
    ]);
    const rows = keysOf<LocalAccount>(LOCAL_ACCOUNTS).map((local) =>
      row([LOCAL_ACCOUNTS[local], ...addresses.map((address) => FIRST_CONTACT[who][local][address])]),
    );
    return [head, row(['---', ...addresses.map(() => '---')]), ...rows].join('\n');
  });
  const legend = Object.entries(OUTCOMES).map(([name, meaning]) => `- **${name}**: ${meaning}.`);
  return withMarkedPart(document, MARKS, [...tables, legend.join('\n')].join('\n\n'));
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  // A table that is written out has the keys of its type, and no others.
  return Object.keys(table) as Key[];
}
