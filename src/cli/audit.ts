import type { Accounts } from '../auth/accounts/accounts.ts';
import type { CommandContext } from '../auth/commands.ts';
import { type AccountId, accountIds } from '../auth/identifiers/ids.ts';
import { eventDefinitions, methodLabel } from '../latchkey.ts';
import {
  createSeals,
  describeRecord,
  hex,
  type Link,
  linksBehind,
  type Mark,
  newestLinks,
  readDetails,
  verifyChain,
} from '../platform/audit-log/index.ts';
import {
  type Command,
  CommandError,
  type Family,
  formatCount,
  type GivenOptions,
  jsonForTerminal,
  textForTerminal,
  UsageError,
} from '../platform/command-line/index.ts';
import { isoTime } from '../platform/runtime/index.ts';
import { english } from '../platform/words/index.ts';
import { withContext } from './context.ts';

/** How many records are read at once. */
const BATCH = 500;
/** How often `--follow` reads new records, in milliseconds. */
const INTERVAL = 1_000;
const MAX_LINES = 100_000;
/** How many usernames are cached. */
const MAX_NAMES = 1_000;

const tail: Command = {
  name: 'audit tail',
  summary: 'Show the newest records of security events, the newest last.',
  options: {
    lines: {
      type: 'string',
      short: 'n',
      default: '10',
      explanation: 'How many, 10 by default; -n for short.',
    },
    follow: { type: 'boolean', short: 'f', explanation: 'Go on with what comes, until it is interrupted.' },
    account: { type: 'string', explanation: 'Only what is about this username, email address or id.' },
  },
  json: 'Print JSON, a record a line, for scripts.',
  run: async (given) => {
    const lines = linesFrom(given);
    return withContext('audit tail', async ({ database, accounts }) => {
      const accountId = await accountFrom(given, accounts);
      const describe = given['json'] === true ? describeAsJson : createDescription(accounts);
      // Read first, so that records which are added meanwhile are followed and not lost.
      const [last] = await newestLinks(database.queries, 1);
      const newest = await newestLinks(database.queries, lines, accountId);
      for (const link of newest) console.log(await describe(link));
      if (given['follow'] !== true) return undefined;
      const seen = Math.max(last?.sequence ?? 0, newest.at(-1)?.sequence ?? 0);
      return follow(database, seen, async (link) => {
        if (accountId === null || link.subject === accountId) console.log(await describe(link));
      });
    });
  },
};

function linesFrom({ lines }: GivenOptions): number {
  const wanted = Number(lines);
  if (Number.isInteger(wanted) && wanted >= 0 && wanted <= MAX_LINES && lines !== '') return wanted;
  throw new UsageError(`--lines takes a whole number up to ${MAX_LINES}, such as -n 50`);
}

// An id is accepted without a look-up, because the records of a deleted account remain.
async function accountFrom({ account }: GivenOptions, accounts: Accounts): Promise<AccountId | null> {
  if (typeof account !== 'string') return null;
  const id = accountIds.parse(account);
  if (id !== null) return id;
  const found = await accounts.find(account);
  if (found === null)
    throw new CommandError(`There is no account “${account}”; one that was deleted has its id only`);
  return found;
}

// Sequence numbers have no gaps and are committed in order, so a later record has a larger one.
async function follow(
  { queries }: CommandContext['database'],
  seen: number,
  show: (link: Link) => Promise<void>,
): Promise<never> {
  // The process that reads the pipe has ended, such as `head`.
  process.stdout.on('error', () => process.exit(0));
  for (let last = seen; ; ) {
    const links = await linksBehind(queries, last, BATCH);
    for (const link of links) await show(link);
    last = links.at(-1)?.sequence ?? last;
    if (links.length < BATCH) await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

async function describeAsJson(link: Link): Promise<string> {
  const { sequence, happenedAt, type, outcome, subject: accountId, correlationId: sessionId } = link;
  const { requestId, address, userAgent, work } = link;
  const { details, by } = readDetails(link.details);
  const about = { type, outcome, accountId, sessionId, requestId, address, userAgent, work, by };
  return jsonForTerminal({ sequence, at: isoTime(happenedAt), ...about, details, mac: hex(link.mac) });
}

/** Creates the function that describes a record in one line, with the username of its account. */
function createDescription(accounts: Accounts): (link: Link) => Promise<string> {
  const names = new Map<string, string>();
  const nameOf = async (id: string) => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const accountId = accountIds.parse(id);
    const account = accountId === null ? null : await accounts.read(accountId);
    const name = account?.username ?? id;
    if (names.size < MAX_NAMES) names.set(id, name);
    return name;
  };
  return async (link) => {
    const { sequence, happenedAt, outcome, subject, address, userAgent, work } = link;
    const { by } = readDetails(link.details);
    const actor = by === null ? [] : [await nameOf(by)];
    const parts = [
      `${sequence}`,
      isoTime(happenedAt),
      outcome,
      subject === null ? null : await nameOf(subject),
      describeRecord(eventDefinitions, english.words, link, methodLabel),
      address === null ? null : `from ${address}`,
      // The user agent is sent by the client, so it is quoted.
      userAgent === null || userAgent === '' ? null : JSON.stringify(userAgent),
      work === null ? null : `by ${[...actor, work].join(', ')}`,
    ];
    return textForTerminal(parts.filter((part) => part !== null).join('  '));
  };
}

const verify: Command = {
  name: 'audit verify',
  summary: 'Verify that no record of a security event was changed, added, moved or deleted.',
  options: {
    expect: {
      type: 'string',
      explanation: 'A record that must be there, as NUMBER:MAC, the head of an earlier verification.',
    },
  },
  run: async ({ expect }) => {
    const expected = headFrom(expect);
    return withContext('audit verify', async ({ database, secrets }) => {
      const { records, head, fault } = await verifyChain(database, createSeals(secrets()), expected);
      if (fault !== null) process.exitCode = 1;
      const headText = `${head.sequence}:${head.mac}`;
      const count = `${formatCount(records)} ${records === 1 ? 'record' : 'records'}`;
      return {
        json: { intact: fault === null, records, head: headText, fault },
        text:
          fault === null
            ? [`Intact: ${count}.`, `Head    ${headText}`]
            : `Broken at record ${fault.sequence}: ${fault.explanation}.`,
      };
    });
  },
};

function headFrom(text: GivenOptions[string]): Mark | null {
  if (text === undefined) return null;
  const [, sequence, mac] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(String(text)) ?? [];
  if (sequence === undefined || mac === undefined)
    throw new UsageError('--expect takes NUMBER:MAC, as latchkey audit verify prints it');
  return { sequence: Number(sequence), mac: mac.toLowerCase() };
}

export const audit: Family = {
  name: 'audit',
  summary: 'Read the audit log of security events, and verify that it is unchanged.',
  members: [tail, verify],
};
