import type { Account, Accounts } from '../../auth/accounts/accounts.ts';
import { type Command, jsonOption } from '../command.ts';
import { withPeople } from './people.ts';
import { accountForScripts, statusOf } from './wording.ts';

/** So many accounts are read at once, however many there are. */
const PAGE = 500;

export const list: Command = {
  name: 'user list',
  summary: 'List everybody who has an account, in the order in which they registered.',
  options: { json: jsonOption },
  run: ({ json }) =>
    withPeople('user list', async ({ accounts }) => {
      if (json === true) await printForScripts(accounts);
      else for await (const account of everybody(accounts)) console.log(lineOf(account));
    }),
};

async function* everybody(accounts: Accounts): AsyncGenerator<Account> {
  let last: string | null = null;
  do {
    const page: readonly Account[] = await accounts.list(last, PAGE);
    yield* page;
    last = page.at(-1)?.id ?? null;
  } while (last !== null);
}

function lineOf(account: Account): string {
  const { id, username, email } = account;
  return [id, username, ...(email === null ? [] : [email]), statusOf(account)].join('  ');
}

// One array, an element a line, so that nothing has to hold all of it.
async function printForScripts(accounts: Accounts): Promise<void> {
  let separator = '[';
  for await (const account of everybody(accounts)) {
    process.stdout.write(`${separator}\n${JSON.stringify(accountForScripts(account))}`);
    separator = ',';
  }
  process.stdout.write(separator === '[' ? '[]\n' : '\n]\n');
}
