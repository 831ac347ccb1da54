import type { Migration } from '../migration.ts';
import { accountsPasswordsSessions } from './001-accounts-passwords-sessions.ts';
import { leasesCounters } from './002-leases-counters.ts';
import { rotatingSessions } from './003-rotating-sessions.ts';
import { accountDeletion } from './004-account-deletion.ts';
import { mailOutbox } from './008-mail-outbox.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [
  accountsPasswordsSessions,
  leasesCounters,
  rotatingSessions,
  accountDeletion,
  mailOutbox,
];
