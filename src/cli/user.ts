import type { Account } from '../auth/accounts/accounts.ts';
import type { CommandContext } from '../auth/commands.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import { everySessionOf } from '../auth/sessions/store.ts';
import { createRoles } from '../features/roles/index.ts';
import { createUserChanges, type StateChanged } from '../library/user-changes.ts';
import { type AccountPage, listAccounts, type UserQuery } from '../library/user-list.ts';
import { stateOf, USER_STATES } from '../library/user-record.ts';
import {
  type Command,
  CommandError,
  type Family,
  type GivenOptions,
  hasReader,
  jsonForTerminal,
  UsageError,
} from '../platform/command-line/index.ts';
import { isoTime } from '../platform/runtime/index.ts';
import { confirmDeletion } from './confirmation.ts';
import { commandLineActor, commandTools, onAccount, withContext } from './context.ts';
import { create } from './user-create.ts';

const list: Command = {
  name: 'user list',
  summary: 'List accounts in the order in which they registered, or those that match.',
  options: {
    search: { type: 'string', explanation: 'What the username or the email address begins with.' },
    state: { type: 'string', explanation: 'Only accounts that are active, disabled or leaving.' },
    role: { type: 'string', explanation: 'Only accounts to which this role was given.' },
  },
  run: (given) => {
    const { json } = given;
    const query = queryFrom(given);
    return withContext('user list', async (context) => {
      // One line per account, so that the list is never in memory as a whole.
      let separator = '[';
      for await (const { accounts, roles } of allPages(context, query)) {
        for (const account of accounts) {
          const held = roles.get(account.id) ?? [];
          if (json !== true) console.log(describeAccount(account, held));
          else process.stdout.write(`${separator}\n${JSON.stringify(accountAsJson(account, held))}`);
          separator = ',';
        }
        if (!hasReader()) return undefined;
      }
      if (json === true) process.stdout.write(separator === '[' ? '[]\n' : '\n]\n');
      return undefined;
    });
  },
};

function queryFrom({ search, state, role }: GivenOptions): UserQuery {
  const wanted = USER_STATES.find((name) => name === state);
  if (state !== undefined && wanted === undefined)
    throw new UsageError(`--state takes one of ${USER_STATES.join(', ')}`);
  return {
    limit: Number.POSITIVE_INFINITY,
    ...(typeof search === 'string' && { search }),
    ...(wanted !== undefined && { state: wanted }),
    ...(typeof role === 'string' && { role }),
  };
}

async function* allPages(context: CommandContext, query: UserQuery): AsyncGenerator<AccountPage> {
  const parts = { database: context.database, roles: createRoles(context, commandTools.settingsOf) };
  for (let after: string | null | undefined; after !== null; ) {
    const page: AccountPage = await listAccounts(parts, after === undefined ? query : { ...query, after });
    yield page;
    after = page.next;
  }
}

function describeAccount(account: Account, roles: readonly string[]): string {
  const { id, username, email } = account;
  const held = roles.length === 0 ? [] : [roles.join(', ')];
  return [id, username, ...(email === null ? [] : [email]), statusOf(account), ...held].join('  ');
}

function accountAsJson({ id, username, email, ...times }: Account, roles: readonly string[]) {
  return {
    id,
    username,
    email,
    emailVerifiedAt: isoTime(times.emailVerifiedAt),
    createdAt: isoTime(times.createdAt),
    disabledAt: isoTime(times.disabledAt),
    deleteAt: isoTime(times.deleteAt),
    state: stateOf(times),
    roles,
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
    const roles = (await createRoles(context, commandTools.settingsOf).of([id])).get(id) ?? [];
    const confirmed = emailVerifiedAt === null ? 'not confirmed' : `confirmed ${isoTime(emailVerifiedAt)}`;
    const text = [
      `Username    ${username}`,
      `Id          ${id}`,
      `Email       ${email === null ? 'none' : `${email} (${confirmed})`}`,
      `Registered  ${isoTime(createdAt)}`,
      `Status      ${statusOf(account)}`,
      ...(roles.length === 0 ? [] : [`Roles       ${roles.join(', ')}`]),
      `Sessions    ${sessions.length}`,
      // The user agent is sent by the client, so it is quoted.
      ...sessions.map(
        ({ lastSeenAt, address, userAgent }) =>
          `            last seen ${lastSeenAt} from ${address}, ${jsonForTerminal(userAgent)}`,
      ),
    ];
    return { json: { ...accountAsJson(account, roles), sessions }, text };
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

/** The same changes as the application makes, with the command line as their actor. */
function changesOf({ accounts, lifecycle, now, announce }: CommandContext) {
  return createUserChanges({ accounts, lifecycle, clock: () => now, announce });
}

const actor = () => ({ by: commandLineActor() });

type StatusChange = Pick<Command, 'name' | 'summary' | 'options'> & {
  readonly confirm?: (account: Account, given: GivenOptions) => Promise<void>;
  readonly change: (context: CommandContext, accountId: AccountId) => Promise<StateChanged>;
  readonly changed: string;
  readonly unchanged: string;
};

async function deleteAccount(context: CommandContext, accountId: AccountId): Promise<StateChanged> {
  const deletion = await changesOf(context).delete(accountId, actor());
  if (deletion.ok) return { ok: true, changed: true };
  if (deletion.reason === 'not-found') return deletion;
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
    change: (context, id) => changesOf(context).disable(id, actor()),
    changed: 'is now disabled',
    unchanged: 'was disabled already',
  },
  {
    name: 'user enable',
    summary: 'Enable a disabled account; its owner has to sign in again.',
    change: (context, id) => changesOf(context).enable(id, actor()),
    changed: 'is now enabled',
    unchanged: 'was enabled already',
  },
  {
    name: 'user delete',
    summary: 'Delete an account and all its data, at once and for good.',
    options: { yes: { type: 'boolean', explanation: 'Do not ask, for scripts.' } },
    confirm: async (account, { yes }) => {
      if (yes !== true) await confirmDeletion(account, { input: process.stdin, output: process.stderr });
    },
    change: deleteAccount,
    changed: 'is deleted',
    unchanged: 'was deleted already',
  },
];

function statusVerb({ confirm, change, changed, unchanged, ...command }: StatusChange): Command {
  return onAccount(command, async (account, context, given) => {
    const { id, username } = account;
    await confirm?.(account, given);
    const result = await change(context, id);
    const isChanged = result.ok && result.changed;
    const json = { id, username, changed: isChanged };
    return { json, text: `${username} ${isChanged ? changed : unchanged}.` };
  });
}

const signOut = onAccount(
  {
    name: 'user sign-out',
    summary: 'End every session and API token of an account; its owner may sign in again.',
  },
  async ({ id, username }, context) => {
    const result = await changesOf(context).signOut(id, actor());
    if (!result.ok) throw new CommandError(`${username} was deleted meanwhile`);
    const { sessions } = result;
    const ended = `${sessions} ${sessions === 1 ? 'session' : 'sessions'} ended`;
    return { json: { id, username, sessions }, text: `${username} is signed out; ${ended}.` };
  },
);

export const user: Family = {
  name: 'user',
  summary:
    'List, show and create accounts; disable, enable, delete or sign out one, change its roles, or reset its password.',
  members: [list, show, create, ...statusChanges.map(statusVerb), signOut],
};
