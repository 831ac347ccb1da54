import { type AccountLifecycle, createAccountLifecycle } from '../../auth/accounts/account-lifecycle.ts';
import { type Account, type Accounts, createAccounts } from '../../auth/accounts/accounts.ts';
import type { Event, Observer } from '../../auth/events.ts';
import { type Notices, occasionWithoutDevice } from '../../auth/mail/notices.ts';
import type { AuthTables, Database } from '../../auth/schema.ts';
import { migrations } from '../../operations/migrations/all.ts';
import { type AuditTrail, type AuditTrailParts, createAuditTrail } from '../../platform/audit-log/trail.ts';
import { createSecrets, type Secrets } from '../../platform/crypto/secrets.ts';
import { type MailSystem, type MailSystemParts, openMail } from '../../platform/mail/mail.ts';
import type { Mail } from '../../platform/mail/outbox.ts';
import { createLog, logObserver } from '../../platform/observability/log.ts';
import { systemClock } from '../../platform/runtime/clock.ts';
import { checkSchema, refuseUnfinishedCopy } from '../../platform/sql/migrate.ts';
import { isUnmade, openDatabase } from '../../platform/sql/open.ts';
import { isId } from '../../platform/text/uuid.ts';
import {
  databaseFromEnvironment,
  secretKeysFromEnvironment,
  settingsFromEnvironment,
} from '../../settings.ts';
import { CommandError, type Operand } from '../command.ts';

/** How the command line names somebody. */
export const nameOperand: Operand = {
  name: 'NAME',
  explanation: 'A username, an email address or the id of an account.',
};

/** The people in the database of the settings. */
export type People = {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  /** Read on use, for only some commands need SECRET_KEY. */
  readonly secrets: () => Secrets;
  /** Writes mails, which wait for a server to send them. Reads the whole settings. */
  readonly mail: () => Mail;
  /** Milliseconds of UTC. */
  readonly now: number;
  /** Records what was done: in the database, and as a line on stderr, where the server has its log. */
  readonly announce: (event: Event) => void;
};

/**
 * Opens the database for one command, also while servers use it.
 * @param work what is done, such as `user disable`, for the record
 */
export async function withPeople<Result>(
  work: string,
  use: (people: People) => Promise<Result>,
): Promise<Result> {
  const settings = databaseFromEnvironment(process.env, process.cwd());
  const { databaseUrl, poolLimits, logLevel, auditRetention: retention } = settings;
  if (isUnmade(databaseUrl))
    throw new CommandError('DATABASE_URL: there is no database yet; run: latchkey serve');
  const database = openDatabase<AuthTables>(databaseUrl, poolLimits);
  const log = createLog(logLevel, systemClock, { write: (line) => process.stderr.write(line) });
  const observe = logObserver(log);
  const recorder = createRecorder({ database, clock: systemClock, log, retention });
  const accounts = createAccounts(database);
  const mailSystem = mailSystemOf({ database, accounts, log });
  try {
    await checkSchema(database, migrations, 'this command does not change it');
    await refuseUnfinishedCopy(database);
    return await use({
      database,
      accounts,
      secrets: secretsOfServer,
      lifecycle: createAccountLifecycle(database, noticesOf(mailSystem)),
      mail: () => mailSystem().mail,
      now: systemClock(),
      announce: (event) => {
        observe(event, { work });
        recorder.record(event, { work });
      },
    });
  } finally {
    await recorder.close();
    await database.close();
  }
}

type WritingParts = Pick<MailSystemParts, 'database' | 'accounts' | 'log'>;

/** Only a command that has something to tell needs the whole settings. */
function mailSystemOf(parts: WritingParts): () => MailSystem {
  return () => {
    const settings = settingsFromEnvironment(process.env, process.cwd());
    const secrets = createSecrets(settings.secretKeys);
    const others = { secrets, clock: systemClock, announce: () => {}, sendMail: null };
    return openMail(settings, { ...parts, ...others });
  };
}

function noticesOf(mailSystem: () => MailSystem): Pick<Notices, 'queue' | 'occasionOf'> {
  return {
    queue: (transaction, notice) => mailSystem().notices.queue(transaction, notice),
    occasionOf: (_, now) => occasionWithoutDevice(now),
  };
}

function secretsOfServer(): Secrets {
  return createSecrets(secretKeysFromEnvironment(process.env, process.cwd()));
}

// Only a command that has something to record needs the secret.
function createRecorder(parts: Omit<AuditTrailParts, 'secrets'>) {
  let trail: AuditTrail | null = null;
  const record: Observer = (event, origin) => {
    trail ??= createAuditTrail({ ...parts, secrets: secretsOfServer() });
    trail.record(event, origin);
  };
  return { record, close: async () => trail?.close() };
}

/**
 * The same for one account.
 * @throws {CommandError} when nobody has that name
 */
export function withAccount<Result>(
  work: string,
  name: string,
  use: (account: Account, people: People) => Promise<Result>,
): Promise<Result> {
  return withPeople(work, async (people) => {
    const account = await accountNamed(people.accounts, name);
    if (account === null) throw new CommandError(`There is no account “${name}”`);
    return use(account, people);
  });
}

// The id first: a username may look like the id of somebody else, whom that must not hide.
async function accountNamed(accounts: Accounts, name: string): Promise<Account | null> {
  const byId = isId(name) ? await accounts.read(name) : null;
  if (byId !== null) return byId;
  const id = await accounts.find(name);
  return id === null ? null : accounts.read(id);
}
