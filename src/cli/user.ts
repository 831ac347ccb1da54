import type { Account, Accounts } from '../auth/accounts/accounts.ts';
import type { CommandContext } from '../auth/commands.ts';
import { events as authEvents } from '../auth/definitions.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import { everySessionOf } from '../auth/sessions/store.ts';
import {
  type Command,
  CommandError,
  type Family,
  type GivenOptions,
  jsonForTerminal,
} from '../platform/command-line/index.ts';
import type { EventDefinition } from '../platform/events/index.ts';
import { isoTime } from '../platform/runtime/index.ts';
import { confirmDeletion } from './confirmation.ts';
import { onAccount, withContext } from './context.ts';

/** How many accounts are read at once. */
const PAGE = 500;

const list: Command = {
  name: 'user list',
  summary: 'List all accounts in the order in which they registered.',
  run: ({ json }) =>
    withContext('user list', async ({ accounts }) => {
      // One line per account, so that the list is never in memory as a whole.
      let separator = '[';
      for await (const account of allAccounts(accounts)) {
        if (json !== true) console.log(describeAccount(account));
        else process.stdout.write(`${separator}\n${JSON.stringify(accountAsJson(account))}`);
        separator = ',';
      }
      if (json === true) process.stdout.write(separator === '[' ? '[]\n' : '\n]\n');
      return undefined;
    }),
};

async function* allAccounts(accounts: Accounts): AsyncGenerator<Account> {
  let last: AccountId | null = null;
  do {
    const page: readonly Account[] = await accounts.list(last, PAGE);
    yield* page;
    last = page.at(-1)?.id ?? null;
  } while (last !== null);
}

function describeAccount(account: Account): string {
  const { id, username, email } = account;
  return [id, username, ...(email === null ? [] : [email]), statusOf(account)].join('  ');
}

function accountAsJson({ id, username, email, ...times }: Account) {
  return {
    id,
    username,
    email,
    emailVerifiedAt: isoTime(times.emailVerifiedAt),
    createdAt: isoTime(times.createdAt),
    disabledAt: isoTime(times.disabledAt),
    deleteAt: isoTime(times.deleteAt),
  };
}

function statusOf({ disabledAt, deleteAt }: Account): string {
  const parts = [
    disabledAt === null ? null : `disabled since ${isoTime(disabledAt)}`,
    deleteAt === null ? null : `to be deleted at ${isoTime(deleteAt)}`,
  ];
  return parts.filter((part) => part !== null).join(', ') || 'enabled';
}

const show = onAccount(
  { name: 'user show', summary: 'Show an account, whether it may be used, and where it is signed in.' },
  async (account, context) => {
    const { id, username, email, emailVerifiedAt, createdAt } = account;
    const sessions = await liveSessionsOf(account, context);
    const confirmed = emailVerifiedAt === null ? 'not confirmed' : `confirmed ${isoTime(emailVerifiedAt)}`;
    const text = [
      `Username    ${username}`,
      `Id          ${id}`,
      `Email       ${email === null ? 'none' : `${email} (${confirmed})`}`,
      `Registered  ${isoTime(createdAt)}`,
      `Status      ${statusOf(account)}`,
      `Sessions    ${sessions.length}`,
      // The user agent is sent by the client, so it is quoted.
      ...sessions.map(
        ({ lastSeenAt, address, userAgent }) =>
          `            last seen ${lastSeenAt} from ${address}, ${jsonForTerminal(userAgent)}`,
      ),
    ];
    return { json: { ...accountAsJson(account), sessions }, text };
  },
);

/** The sessions within their lifetime; some may have ended by the idle timeout. */
async function liveSessionsOf({ id }: Account, { database, now }: CommandContext) {
  const rows = await everySessionOf(database.queries, id);
  const live = rows.filter((row) => row.stolen_at === null && now < row.expires_at);
  return live.map((row) => ({
    createdAt: isoTime(row.created_at),
    lastSeenAt: isoTime(Math.max(row.last_seen_at, row.token_issued_at)),
    expiresAt: isoTime(row.expires_at),
    address: row.address,
    userAgent: row.user_agent,
  }));
}

type StatusChange = Pick<Command, 'name' | 'summary' | 'options'> & {
  readonly event: EventDefinition<{ accountId: AccountId }>;
  readonly confirm?: (account: Account, given: GivenOptions) => Promise<void>;
  /** @returns false if there was nothing to change */
  readonly change: (context: CommandContext, accountId: AccountId) => Promise<boolean>;
  readonly changed: string;
  readonly unchanged: string;
};

async function deleteAccount({ lifecycle, now }: CommandContext, accountId: AccountId): Promise<boolean> {
  const deletion = await lifecycle.delete(accountId, { now });
  if (deletion.ok || deletion.reason === 'not-found') return deletion.ok;
  const { table, constraint } = deletion.by;
  const key = constraint === null ? 'a foreign key' : `its foreign key ${constraint}`;
  throw new CommandError(
    `${table} refers to the account, and ${key} refuses the deletion; delete those rows first, or give it “on delete cascade”`,
  );
}

const statusChanges: readonly StatusChange[] = [
  {
    name: 'user disable',
    summary: 'Disable an account and end its sessions.',
    event: authEvents.accountDisabled,
    change: ({ lifecycle, now }, id) => lifecycle.disable(id, { now }),
    changed: 'is now disabled',
    unchanged: 'was disabled already',
  },
  {
    name: 'user enable',
    summary: 'Enable a disabled account; its owner has to sign in again.',
    event: authEvents.accountEnabled,
    change: ({ lifecycle }, id) => lifecycle.enable(id),
    changed: 'is now enabled',
    unchanged: 'was enabled already',
  },
  {
    name: 'user delete',
    summary: 'Delete an account and all its data, at once and for good.',
    options: { yes: { type: 'boolean', explanation: 'Do not ask, for scripts.' } },
    event: authEvents.accountDeleted,
    confirm: async (account, { yes }) => {
      if (yes !== true) await confirmDeletion(account, { input: process.stdin, output: process.stderr });
    },
    change: deleteAccount,
    changed: 'is deleted',
    unchanged: 'was deleted already',
  },
];

function statusVerb({ event, confirm, change, changed, unchanged, ...command }: StatusChange): Command {
  return onAccount(command, async (account, context, given) => {
    const { id, username } = account;
    await confirm?.(account, given);
    const isChanged = await change(context, id);
    if (isChanged) context.announce(event, { accountId: id });
    const json = { id, username, changed: isChanged };
    return { json, text: `${username} ${isChanged ? changed : unchanged}.` };
  });
}

const signOut = onAccount(
  { name: 'user sign-out', summary: 'End every session of an account; its owner may sign in again.' },
  async ({ id, username }, { lifecycle, announce }) => {
    const sessions = await lifecycle.signOut(id);
    announce(authEvents.signedOutEverywhere, { accountId: id, sessions });
    const ended = `${sessions} ${sessions === 1 ? 'session' : 'sessions'} ended`;
    return { json: { id, username, sessions }, text: `${username} is signed out; ${ended}.` };
  },
);

export const user: Family = {
  name: 'user',
  summary: 'List and show accounts; disable, enable, delete or sign out one, or reset its password.',
  members: [list, show, ...statusChanges.map(statusVerb), signOut],
};
