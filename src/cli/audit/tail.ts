import type { Accounts } from '../../auth/accounts/accounts.ts';
import type { Link } from '../../platform/audit-log/seals.ts';
import { linksBehind, newestLinks } from '../../platform/audit-log/store.ts';
import { isId } from '../../platform/text/uuid.ts';
import { type Command, CommandError, type GivenOptions, jsonOption, UsageError } from '../command.ts';
import { type People, withPeople } from '../user/people.ts';
import { jsonForTerminal } from '../user/wording.ts';
import { createLines, recordForScripts } from './wording.ts';

/** So many records are read at once while they come in. */
const BATCH = 500;
/** How often it is looked for new ones, in milliseconds. */
const INTERVAL = 1_000;
const MOST_LINES = 100_000;

export const tail: Command = {
  name: 'audit tail',
  summary: 'Show the newest records of security events, the newest last.',
  options: {
    lines: {
      type: 'string',
      short: 'n',
      default: '10',
      explanation: 'How many, 10 where nothing is said; -n for short.',
    },
    follow: { type: 'boolean', short: 'f', explanation: 'Go on with what comes, until it is interrupted.' },
    account: { type: 'string', explanation: 'Only what is about this username, email address or id.' },
    json: { ...jsonOption, explanation: 'Print JSON, a record a line, for scripts.' },
  },
  run: (given) => {
    const lines = linesFrom(given);
    return withPeople('audit tail', async (people) => {
      const accountId = await accountFrom(given, people.accounts);
      const lineOf = given['json'] === true ? jsonLine : createLines(people.accounts);
      const { queries } = people.database;
      // Read first: what is recorded meanwhile comes with what follows, and is not left out.
      const [last] = await newestLinks(queries, 1);
      const newest = await newestLinks(queries, lines, accountId);
      for (const link of newest) console.log(await lineOf(link));
      if (given['follow'] !== true) return;
      const seen = Math.max(last?.sequence ?? 0, newest.at(-1)?.sequence ?? 0);
      await follow(people, seen, async (link) => {
        if (accountId === null || link.accountId === accountId) console.log(await lineOf(link));
      });
    });
  },
};

const jsonLine = async (link: Link): Promise<string> => jsonForTerminal(recordForScripts(link));

function linesFrom({ lines }: GivenOptions): number {
  const wanted = Number(lines);
  if (Number.isInteger(wanted) && wanted >= 0 && wanted <= MOST_LINES && lines !== '') return wanted;
  throw new UsageError(`--lines takes a whole number up to ${MOST_LINES}, such as -n 50`);
}

// An id is taken as it is: the records of an account outlive it.
async function accountFrom({ account }: GivenOptions, accounts: Accounts): Promise<string | null> {
  if (typeof account !== 'string') return null;
  if (isId(account)) return account;
  const found = await accounts.find(account);
  if (found === null)
    throw new CommandError(`There is no account “${account}”; one that was deleted has its id only`);
  return found;
}

// Numbers are given out without gaps and seen in order, so what comes later has a larger one.
async function follow(
  { database }: People,
  seen: number,
  show: (link: Link) => Promise<void>,
): Promise<never> {
  // Whoever read it has gone, as `head` does.
  process.stdout.on('error', () => process.exit(0));
  for (let last = seen; ; ) {
    const links = await linksBehind(database.queries, last, BATCH);
    for (const link of links) await show(link);
    last = links.at(-1)?.sequence ?? last;
    if (links.length < BATCH) await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}
