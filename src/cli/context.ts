import { userInfo } from 'node:os';
import { createAccountLifecycle } from '../auth/accounts/account-lifecycle.ts';
import { type Account, type Accounts, createAccounts } from '../auth/accounts/accounts.ts';
import type { CommandContext, CommandTools } from '../auth/commands.ts';
import { events } from '../auth/definitions.ts';
import { accountIds } from '../auth/identifiers/ids.ts';
import type { Notices } from '../auth/mail/notices.ts';
import type { AuthTables } from '../auth/schema.ts';
import { type AccountMail, type AccountMailParts, openAccountMail } from '../composition/account-mail.ts';
import { createAnnounce } from '../composition/announce.ts';
import { composeSystem, endOtherAccess, migrations, type System, tokens } from '../latchkey.ts';
import { type AuditTrail, type AuditTrailParts, createAuditTrail } from '../platform/audit-log/index.ts';
import {
  type Command,
  CommandError,
  type GivenOptions,
  type Result,
} from '../platform/command-line/index.ts';
import { createSecrets, type Secrets } from '../platform/crypto/index.ts';
import { occasionWithoutDevice } from '../platform/mail/index.ts';
import { createLog, logObserver } from '../platform/observability/index.ts';
import { resultOrNull, systemClock } from '../platform/runtime/index.ts';
import { settingsReader } from '../platform/settings/index.ts';
import { checkSchema, refuseUnfinishedCopy } from '../platform/sql/index.ts';
import { english } from '../platform/words/index.ts';
import { databaseFromEnvironment, givenSettings, secretKeysFromEnvironment } from '../read-settings.ts';
import {
  environment,
  isConfiguredDatabaseMissing,
  openConfiguredDatabase,
  wholeConfiguration,
} from './configuration.ts';

/**
 * Opens the database for one command. Servers may use it at the same time.
 * @param work the name of the command, for the audit log
 */
export async function withContext<Value>(
  work: string,
  use: (context: CommandContext) => Promise<Value>,
): Promise<Value> {
  const settings = databaseFromEnvironment(environment(), process.cwd());
  const { databaseUrl, databaseOptions, logLevel, auditRetention: retention } = settings;
  refuseMissingDatabase(databaseUrl);
  const database = openConfiguredDatabase<AuthTables>(databaseUrl, databaseOptions);
  const log = createLog(logLevel, systemClock, { write: (line) => process.stderr.write(line) });
  const recorder = createRecorder({ database, clock: systemClock, log, retention });
  const announce = createAnnounce(logObserver(log), recorder);
  const accounts = createAccounts(database);
  const mailSystem = mailSystemOf({ database, accounts, log });
  try {
    await checkSchema(database, migrations, 'this command does not change it');
    await refuseUnfinishedCopy(database);
    return await use({
      database,
      accounts,
      secrets: secretsOfServer,
      lifecycle: createAccountLifecycle({
        database,
        notices: noticesOf(mailSystem),
        tokens,
        endOtherAccess,
        onRefused: (accountId, by) => announce(events.accountDeletionRefused, { accountId, ...by }, { work }),
      }),
      mail: () => mailSystem().mail,
      now: systemClock(),
      announce: (event, data) => announce(event, data, { work, by: commandLineActor() }),
    });
  } finally {
    await recorder.close();
    await database.close();
  }
}

/**
 * Composes the whole system for one command, for what follows all rules of the pages. Servers may use the database at the
 * same time.
 */
export async function withSystem<Value>(use: (system: System) => Promise<Value>): Promise<Value> {
  const { settings, ports } = wholeConfiguration();
  refuseMissingDatabase(settings.databaseUrl);
  const logDestination = { write: (line: string) => process.stderr.write(line) };
  const system = composeSystem(settings, { ...ports, logDestination });
  try {
    await checkSchema(system.storage.database, migrations, 'this command does not change it');
    await refuseUnfinishedCopy(system.storage.database);
    return await use(system);
  } finally {
    await system.close();
  }
}

function refuseMissingDatabase(databaseUrl: string): void {
  if (isConfiguredDatabaseMissing(databaseUrl))
    throw new CommandError('DATABASE_URL: there is no database yet; run: latchkey serve');
}

/** Who runs the command, for the audit log. */
export function commandLineActor(): string {
  // There is no name for a user of a container that has only a number.
  const name = resultOrNull(() => userInfo().username);
  return name === null ? 'command line' : `command line (${name})`;
}

type WritingParts = Pick<AccountMailParts, 'database' | 'accounts' | 'log'>;

/** Reads all settings when used, because only a command that sends mail needs them. */
function mailSystemOf(parts: WritingParts): () => AccountMail {
  return () => {
    const { settings, ports } = wholeConfiguration();
    const secrets = createSecrets(settings.secretKeys);
    const others = {
      secrets,
      clock: systemClock,
      announce: () => {},
      sendMail: ports.sendMail ?? null,
      language: english,
    };
    return openAccountMail(settings, { ...parts, ...others });
  };
}

function noticesOf(mailSystem: () => AccountMail): Pick<Notices, 'queue' | 'occasionOf'> {
  return {
    queue: (transaction, notice) => mailSystem().notices.queue(transaction, notice),
    occasionOf: (_, now) => occasionWithoutDevice(now),
  };
}

function secretsOfServer(): Secrets {
  return createSecrets(secretKeysFromEnvironment(environment(), process.cwd()));
}

// Reads the secret when used, because only a command that records events needs it.
function createRecorder(parts: Omit<AuditTrailParts, 'secrets'>) {
  let trail: AuditTrail | null = null;
  const record: AuditTrail['record'] = (event, data, origin) => {
    trail ??= createAuditTrail({ ...parts, secrets: secretsOfServer() });
    trail.record(event, data, origin);
  };
  return { record, close: async () => trail?.close() };
}

export function onAccount(
  command: Pick<Command, 'name' | 'summary' | 'options'>,
  use: (account: Account, context: CommandContext, given: GivenOptions) => Promise<Result>,
): Command {
  return {
    ...command,
    operands: [{ name: 'NAME', explanation: 'A username, an email address or the id of an account.' }],
    run: (given, [name = '']) =>
      withContext(command.name, async (context) => {
        const account = await findAccount(context.accounts, name);
        if (account === null) throw new CommandError(`There is no account “${name}”`);
        return use(account, context, given);
      }),
  };
}

// The id comes first: a username that looks like another account’s id must not hide that account.
async function findAccount(accounts: Accounts, name: string): Promise<Account | null> {
  const parsed = accountIds.parse(name);
  const byId = parsed === null ? null : await accounts.read(parsed);
  if (byId !== null) return byId;
  const id = await accounts.find(name);
  return id === null ? null : accounts.read(id);
}

export const commandTools: CommandTools = {
  withContext,
  onAccount,
  settings: () => givenSettings(environment(), process.cwd()),
  settingsOf: (definitions) => settingsReader(givenSettings(environment(), process.cwd()))(definitions),
};
