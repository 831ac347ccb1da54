/**
 * Which test files need what, in one list. `npm test` runs every file but those in
 * `onlyInFull`; a file that no list below names runs on SQLite,
 * in a process that it shares with others. A pattern is a glob from the project's root.
 */

/**
 * The database decides what these promise (races, conditional statements, uniqueness, collation, migrations, copies,
 * query plans, time types): they run on SQLite, PostgreSQL and MariaDB, and on Redis if counters are involved. `npm run
 * test:full` runs every file this way.
 */
export const everyEngine: readonly string[] = [
  'src/cli/copy.test.ts',
  'src/auth/accounts/{account-lifecycle,accounts}.test.ts',
  'src/composition/due-deletions.test.ts',
  'src/platform/audit-log/{expiry,trail}.test.ts',
  'src/platform/rate-limit/counters/counters.test.ts',
  'src/operations/copy/*.test.ts',
  'src/platform/sql/migrate.test.ts',
  'src/platform/sql/leases.test.ts',
  'src/platform/mail/outbox.test.ts',
  'src/auth/one-time-tokens/*.test.ts',
  'src/platform/sql/retention.test.ts',
  'src/auth/sessions/sessions.test.ts',
  'src/features/accounts/shown-events.test.ts',
  'src/features/roles/*.test.ts',
  'src/library/*.test.ts',
  'src/testing/connection.test.ts',
  'tests/attacks/*-races.test.ts',
  'tests/attacks/address-change-undone.test.ts',
  'tests/attacks/second-factor-undone.test.ts',
  'tests/attacks/confirmation-codes.test.ts',
  'tests/attacks/credential-changes.test.ts',
  'tests/attacks/devices.test.ts',
  'tests/attacks/factor-recovery.test.ts',
  'tests/attacks/factor-policy.test.ts',
  'tests/attacks/failing-parts.test.ts',
  'tests/attacks/forged-rows.test.ts',
  'tests/attacks/reauthentication.test.ts',
  'tests/attacks/held-requests.test.ts',
  'tests/attacks/injection.test.ts',
  'tests/attacks/notice-transactions.test.ts',
  'tests/attacks/personal-data.test.ts',
  'tests/attacks/provider-logout.test.ts',
  'tests/attacks/recovery-connections.test.ts',
  'tests/attacks/registration.test.ts',
  'tests/attacks/remembered-devices.test.ts',
  'tests/attacks/session-life.test.ts',
  'tests/attacks/session-limits.test.ts',
  'tests/databases/**/*.test.ts',
  'tests/doctor/inside.test.ts',
  'tests/nodes/**/*.test.ts',
  'tests/process/{migrate,starting-at-once}.test.ts',
];

/**
 * What several nodes decide (races, conditional statements, locks, migrations): they also run on a Galera cluster of three
 * nodes in `npm run test:full`, or with TEST_ON_CLUSTERS=1.
 */
export const onGalera: readonly string[] = [
  'src/auth/one-time-tokens/*.test.ts',
  'src/platform/audit-log/trail.test.ts',
  'src/platform/mail/outbox.test.ts',
  'src/platform/rate-limit/counters/counters.test.ts',
  'src/platform/sql/{leases,migrate,retention}.test.ts',
  'tests/attacks/*-races.test.ts',
  'tests/databases/{mail-leases,rolling-update,schema-lock,transactions}.test.ts',
  'tests/nodes/{cluster,users}.test.ts',
];

/** The slowest files; they are started first, so that they end with the others. */
export const startFirst: readonly string[] = [
  'tests/nodes/cluster.test.ts',
  'tests/process/{durability,migrate,serve,starting-at-once,tls}.test.ts',
  'tests/journeys/{accessible-pages,accessible-mailed-pages,external-sign-in,devices,whole-way}.test.ts',
  'tests/doctor/outside.test.ts',
  'tests/packaging/{guides,templates}.test.ts',
  'tests/{package,removable-features,second-language}.test.ts',
  'src/cli/user.test.ts',
  'src/operations/copy/copy.test.ts',
];

/** They need more than Node: a browser, another server or tool, an installation. */
export const needsMore: readonly string[] = [
  'tests/journeys/**/*.test.ts',
  'tests/nodes/**/*.test.ts',
  'tests/proxies/**/*.test.ts',
  'tests/databases/outage.test.ts',
  'tests/databases/{pgbouncer,several-hosts,tls}.test.ts',
  'tests/databases/wrong-urls.test.ts',
  'tests/doctor/**/*.test.ts',
  'tests/process/durability.test.ts',
  'tests/process/opensmtpd.test.ts',
  'tests/package.test.ts',
  'src/platform/audit-log/trail.test.ts',
];

/** They start processes, or many systems: too slow for `npm run test:quick`. */
export const slow: readonly string[] = [
  'src/cli/{audit,copy,healthy,mail,main,path-argument,secret,user}.test.ts',
  'src/auth/{accounts,one-time-tokens,sessions}/*.test.ts',
  'src/operations/**/*.test.ts',
  'src/platform/audit-log/*.test.ts',
  'src/platform/rate-limit/counters/*.test.ts',
  'src/platform/sql/**/*.test.ts',
  'src/platform/mail/*.test.ts',
  'src/features/{accounts,dev-mailbox,roles,sessions}/*.test.ts',
  'src/library/*.test.ts',
  'src/testing/{connection,test-latchkey}.test.ts',
  'src/features/passwords/hashing/{hasher,memory,peppers}.test.ts',
  'src/features/registration/{invite-command,robots}.test.ts',
  'tests/{base-path,next-pages}.test.ts',
  'src/server/young-generation.test.ts',
  'tests/{guard,launch,library,loaded-packages,metrics,page-languages,removable-features,second-language,user-commands,valid-html}.test.ts',
  'tests/adapters/**/*.test.ts',
  'tests/attacks/**/*.test.ts',
  'tests/databases/**/*.test.ts',
  'tests/external-sign-in/**/*.test.ts',
  'tests/process/**/*.test.ts',
  'tests/tls/**/*.test.ts',
];

/** They install a framework or use a tool of another project: `npm run test:full` runs them, or `npm test -- FILE`. */
export const onlyInFull: readonly string[] = [
  'tests/adapters/{astro,next,nuxt,react-router,sveltekit}.test.ts',
  'tests/databases/{failover,galera,prisma,several-hosts}.test.ts',
  'tests/packaging/*.test.ts',
  'tests/process/oathtool.test.ts',
  'tests/proxies/{deployment-tools,outgoing}.test.ts',
];
