import type { Migration } from '../migration.ts';
import { accountsPasswordsSessions } from './001-accounts-passwords-sessions.ts';
import { leasesCounters } from './002-leases-counters.ts';
import { rotatingSessions } from './003-rotating-sessions.ts';
import { accountDeletion } from './004-account-deletion.ts';
import { throttling } from './005-throttling.ts';
import { oneTimeTokens } from './006-one-time-tokens.ts';
import { auditEvents } from './007-audit-events.ts';
import { mailOutbox } from './008-mail-outbox.ts';
import { pendingSignIns } from './009-pending-sign-ins.ts';
import { breachedPasswords } from './010-breached-passwords.ts';
import { externalIdentities } from './011-external-identities.ts';
import { forgottenDevices } from './012-forgotten-devices.ts';
import { vouchedSignIns } from './013-vouched-sign-ins.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [
  accountsPasswordsSessions,
  leasesCounters,
  rotatingSessions,
  accountDeletion,
  throttling,
  oneTimeTokens,
  auditEvents,
  mailOutbox,
  pendingSignIns,
  breachedPasswords,
  externalIdentities,
  forgottenDevices,
  vouchedSignIns,
];
