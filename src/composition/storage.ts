import { type AccountLifecycle, createAccountLifecycle } from '../auth/accounts/account-lifecycle.ts';
import { type Accounts, createAccounts } from '../auth/accounts/accounts.ts';
import type { EndOtherAccess } from '../auth/credential-change.ts';
import { emails } from '../auth/definitions.ts';
import type { Notices } from '../auth/mail/notices.ts';
import { createOneTimeTokens, type OneTimeTokens } from '../auth/one-time-tokens/one-time-tokens.ts';
import { expiringTokens } from '../auth/one-time-tokens/store.ts';
import type { TokenKind } from '../auth/one-time-tokens/token-definition.ts';
import { paths } from '../auth/paths.ts';
import { expiringPendingSignIns } from '../auth/required-steps/store.ts';
import type { AuthTables, Database } from '../auth/schema.ts';
import type { ReportTheft } from '../auth/sessions/check.ts';
import type { SessionLimits } from '../auth/sessions/session.ts';
import { createSessions, type Sessions } from '../auth/sessions/sessions.ts';
import { type AccountRoles, expiringSessions } from '../auth/sessions/store.ts';
import type { CoreSettings } from '../auth/settings.ts';
import { type AuditTrail, createAuditTrail } from '../platform/audit-log/index.ts';
import type { Secrets } from '../platform/crypto/index.ts';
import type { Announce, EventObserver } from '../platform/events/index.ts';
import { deleteOldMail, type SendMail } from '../platform/mail/index.ts';
import type { Log, Metrics } from '../platform/observability/index.ts';
import {
  type Counters,
  createDatabaseCounters,
  createFallbackCounters,
  createRedisCounters,
  expiringCounters,
} from '../platform/rate-limit/index.ts';
import { type Clock, DAY } from '../platform/runtime/index.ts';
import {
  checkSchema,
  createLeases,
  deleteExpiredRows,
  type Expiring,
  type Migration,
  migrate,
  type OpenDatabase,
  openDatabase,
  refuseUnfinishedCopy,
  startRetention,
} from '../platform/sql/index.ts';
import { expiringRequests } from '../platform/web/index.ts';
import type { Language } from '../platform/words/index.ts';
import { type AccountMail, openAccountMail } from './account-mail.ts';
import { createAnnounce } from './announce.ts';
import { createRefusedDeletions, deleteDueAccounts } from './due-deletions.ts';

/** The database, the counters, and what works on them. */
export type Storage = {
  readonly database: Database;
  readonly counters: Counters;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  readonly sessions: Sessions;
  readonly oneTimeTokens: OneTimeTokens;
  readonly audit: AuditTrail;
  readonly mailSystem: AccountMail;
  /** Passes an event to every observer and to the audit log. */
  readonly announce: Announce;
  /** Brings the schema up to date, or checks it. @throws {DatabaseStartError} */
  readonly prepare: () => Promise<void>;
  /** Deletes what has expired; null when another node does. */
  readonly deleteExpired: () => Promise<number | null>;
  /** Does so every minute until everything is closed. */
  readonly startRetention: () => void;
  readonly close: () => Promise<void>;
};

export type StorageParts = {
  readonly migrations: readonly Migration[];
  readonly secrets: Secrets;
  readonly tokens: readonly TokenKind[];
  readonly endOtherAccess: EndOtherAccess;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe: EventObserver;
  readonly metrics: Metrics | null;
  readonly sendMail: SendMail | null;
  /** The language of mails that no request causes. */
  readonly language: Language;
  /** How long Redis may take to answer, in milliseconds. */
  readonly redisTimeout: number | undefined;
  /** Opens the database instead of the setting, if given. */
  readonly openDatabase: OpenDatabase | undefined;
  readonly expiring: () => readonly Expiring[];
  readonly accountRoles: AccountRoles | null;
};

/**
 * Opens the database, and Redis where there is one.
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function openStorage(settings: CoreSettings, parts: StorageParts): Storage {
  const { migrations, secrets, clock, log, observe, metrics, redisTimeout } = parts;
  const { databaseUrl, databaseOptions } = settings;
  const database =
    parts.openDatabase?.<AuthTables>(databaseOptions) ?? openDatabase(databaseUrl, databaseOptions);
  const counting = openCounters(settings, { database, secrets, log, metrics, redisTimeout });
  const accounts = createAccounts(database);
  const oneTimeTokens = createOneTimeTokens(database, secrets);
  const audit = createAuditTrail({ database, secrets, clock, log, retention: settings.auditRetention });
  const announce = createAnnounce(observe, audit);
  const mailSystem = openAccountMail(settings, { ...parts, database, accounts, announce });
  const { notices } = mailSystem;
  const refused = createRefusedDeletions(announce, clock);
  const ending = { tokens: parts.tokens, endOtherAccess: parts.endOtherAccess };
  const lifecycle = createAccountLifecycle({ database, notices, ...ending, onRefused: refused.report });
  const limits = sessionLimitsFrom(settings);
  const sessions = createSessions(database, secrets, limits, reportTheft(notices), parts.accountRoles);
  const retention = { queries: database.queries, leases: createLeases(database, clock()), clock, log };
  const expiring = () => [
    deleteDueAccounts({ queries: database.queries, lifecycle, announce, refused }),
    ...expiringRows({ database, audit }),
    ...parts.expiring(),
  ];
  let stopRetention = () => {};
  return {
    database,
    counters: counting.counters,
    accounts,
    lifecycle,
    sessions,
    oneTimeTokens,
    audit,
    mailSystem,
    announce,
    prepare: async () => {
      await counting.tried;
      const isNew = settings.migrate === 'auto' && (await bringUpToDate(database, settings, parts));
      if (settings.migrate === 'manual') await checkSchema(database, migrations);
      await refuseUnfinishedCopy(database);
      if (!isNew) await audit.logHead();
    },
    deleteExpired: () => deleteExpiredRows(retention, expiring()),
    startRetention: () => {
      stopRetention();
      stopRetention = startRetention(retention, expiring());
    },
    close: async () => {
      stopRetention();
      await mailSystem.worker.close();
      await audit.close();
      await counting.close();
      await database.close();
    },
  };
}

/** Mails that were given up; long enough for the operator to notice, and to send them again. */
const FAILED_MAIL_KEPT = 30 * DAY;
/** Mails in the mailbox of development. */
const SHOWN_MAIL_KEPT = 7 * DAY;

/** What the platform and auth keep that expires. */
function expiringRows({ database, audit }: Pick<Storage, 'database' | 'audit'>): readonly Expiring[] {
  return [
    expiringSessions,
    expiringTokens,
    expiringPendingSignIns,
    expiringRequests,
    expiringCounters,
    audit.deleteExpired,
    (now, max) =>
      deleteOldMail(database.queries, { failed: now - FAILED_MAIL_KEPT, shown: now - SHOWN_MAIL_KEPT }, max),
  ];
}

/** Counts in Redis where there is one, and in the database without it or while it is away. */
function openCounters(
  { redisUrl }: CoreSettings,
  {
    database,
    secrets,
    log,
    metrics,
    redisTimeout,
  }: Pick<StorageParts, 'secrets' | 'log' | 'metrics' | 'redisTimeout'> & { database: Database },
) {
  const inDatabase = createDatabaseCounters(database);
  if (redisUrl === undefined)
    return { counters: inDatabase, tried: Promise.resolve(), close: async () => {} };
  const inRedis = createRedisCounters(redisUrl, secrets.keys('counter')[0], redisTimeout);
  const counters = createFallbackCounters(inRedis, inDatabase, log, metrics?.countFallback);
  return { counters, tried: inRedis.tried, close: inRedis.close };
}

function reportTheft(notices: Notices): ReportTheft {
  return (transaction, { accountId, client, now }) =>
    notices.queue(transaction, {
      accountId,
      occasion: notices.occasionOf(client, now),
      write: ({ username }) => emails.sessionEndedAfterTheft.with({ username, page: paths.forgotPassword }),
    });
}

/** Makes limits of `SESSION_IDLE` and the other settings; `auth/sessions/expiry.ts` applies them. */
function sessionLimitsFrom(settings: CoreSettings): SessionLimits {
  return {
    idle: settings.sessionIdle,
    lifetime: settings.sessionLifetime,
    remembered: { idle: settings.sessionRememberIdle, lifetime: settings.sessionRememberLifetime },
    rotate: settings.sessionRotate,
    perAccount: settings.sessionsPerAccount,
  };
}

/**
 * Applies the missing steps, and logs them in one line. In development a new database is not reported: a first start shows
 * the address.
 * @returns whether the database is new
 */
async function bringUpToDate(
  database: Database,
  { isSecure }: CoreSettings,
  { migrations, clock, log }: StorageParts,
): Promise<boolean> {
  const applied = await migrate(database, migrations, clock());
  const isNew = applied.some(({ number }) => number === 1);
  const line = { event: 'schema-migrated', schema: applied.at(-1)?.number, steps: applied.length };
  if (applied.length > 0) log[isNew && !isSecure ? 'debug' : 'info'](line);
  return isNew;
}
