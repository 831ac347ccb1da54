import type { Accounts } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { everyTokenOf } from '../../auth/one-time-tokens/store.ts';
import { everyPendingSignInOf } from '../../auth/required-steps/store.ts';
import type { Database, Queries } from '../../auth/schema.ts';
import { everySessionOf } from '../../auth/sessions/store.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { type Link, linksBefore, readDetails } from '../../platform/audit-log/index.ts';
import { mailOf } from '../../platform/mail/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { bytesToId } from '../../platform/text/index.ts';

/** How many records are read at once. */
const BATCH = 500;

const PROOF = 'it is a hash or seal that proves a session or token';

const SEAL = 'it is part of the hash chain that shows that the record is unchanged';

/**
 * What auth and the platform keep of a user: the account, its sessions, links that were mailed, pending sign-ins, events
 * and queued mails.
 */
export function personalDataOfAuth({
  database,
  accounts,
}: Pick<Core, 'database' | 'accounts'>): readonly PersonalData[] {
  return [
    accountData(accounts),
    sessionData(database),
    tokenData(database),
    pendingSignInData(database),
    eventData(database),
    mailData(database),
  ];
}

function accountData(accounts: Accounts): PersonalData {
  return {
    name: 'account',
    table: 'accounts',
    leftOut: {
      username_key: 'it is the username in another spelling',
      email_key: 'it is the address in another spelling',
    },
    read: async (accountId) => {
      const found = await accounts.read(accountId);
      if (found === null) return null;
      const { id, username, email } = found;
      return {
        id,
        username,
        email,
        emailVerifiedAt: isoTime(found.emailVerifiedAt),
        createdAt: isoTime(found.createdAt),
        disabledAt: isoTime(found.disabledAt),
        deleteAt: isoTime(found.deleteAt),
        devicesForgottenAt: isoTime((await accounts.devicesForgottenAt(id)) || null),
      };
    },
  };
}

function sessionData({ queries }: Database): PersonalData {
  return {
    name: 'sessions',
    table: 'sessions',
    leftOut: {
      account_id: 'it is the id of the account',
      token_hash: PROOF,
      previous_token_hash: PROOF,
      successor_salt: PROOF,
    },
    read: async (accountId) => (await everySessionOf(queries, accountId)).map(sessionForItsOwner),
  };
}

function tokenData({ queries }: Database): PersonalData {
  return {
    name: 'oneTimeTokens',
    table: 'one_time_tokens',
    leftOut: {
      account_id: 'it is the id of the account',
      token_hash: 'it is the hash of a link that was sent',
      seal: PROOF,
    },
    read: async (accountId) => (await everyTokenOf(queries, accountId)).map(tokenForItsOwner),
  };
}

function pendingSignInData({ queries }: Database): PersonalData {
  return {
    name: 'pendingSignIns',
    table: 'pending_sign_ins',
    leftOut: {
      account_id: 'it is the id of the account',
      token_hash: PROOF,
      seal: PROOF,
      credential: 'it names the version of the password, as changedAt of the password does',
      facts: 'it is for the next page of the sign-in, and deleted within minutes',
    },
    read: async (accountId) =>
      (await everyPendingSignInOf(queries, accountId)).map((row) => ({
        method: row.method,
        isRemembered: row.is_remembered === 1,
        next: row.next_path,
        provenAt: isoTime(row.proven_at),
        provenBy: row.proven_by,
        createdAt: isoTime(row.created_at),
        expiresAt: isoTime(row.expires_at),
      })),
  };
}

function eventData({ queries }: Database): PersonalData {
  return {
    name: 'securityEvents',
    table: 'audit_events',
    leftOut: {
      account_id: 'it is the id of the account',
      key_id: SEAL,
      previous_mac: SEAL,
      mac: SEAL,
    },
    read: (accountId) => eventBatches(queries, accountId),
  };
}

async function* eventBatches(queries: Queries, accountId: AccountId) {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const links = await linksBefore(queries, accountId, before, BATCH);
    yield links.map(eventForItsOwner);
    const last = links.at(-1);
    if (last === undefined || links.length < BATCH) return;
    before = last.sequence;
  }
}

function eventForItsOwner({ subject, keyId, previousMac, mac, ...link }: Link) {
  const { happenedAt, type, outcome, correlationId: sessionId, details, ...rest } = link;
  const about = { happenedAt: isoTime(happenedAt), type, outcome, sessionId };
  // Which operator or moderator made a change is not about the user.
  return { ...about, ...rest, details: readDetails(details).details };
}

function sessionForItsOwner(row: Awaited<ReturnType<typeof everySessionOf>>[number]) {
  return {
    id: bytesToId(row.id),
    method: row.method,
    isRemembered: row.is_remembered === 1,
    createdAt: isoTime(row.created_at),
    lastSeenAt: isoTime(row.last_seen_at),
    provenAt: isoTime(row.proven_at),
    provenBy: row.proven_by,
    secondFactor: row.second_factor,
    secondFactorAt: isoTime(row.second_factor_at),
    tokenIssuedAt: isoTime(row.token_issued_at),
    previousTokenIssuedAt: isoTime(row.previous_issued_at),
    previousTokenUntil: isoTime(row.previous_until),
    expiresAt: isoTime(row.expires_at),
    stolenAt: isoTime(row.stolen_at),
    userAgent: row.user_agent,
    address: row.address,
    roles: row.roles,
  };
}

function tokenForItsOwner({
  purpose,
  data,
  issued_at,
  expires_at,
}: Awaited<ReturnType<typeof everyTokenOf>>[number]) {
  const [about] = data.split('\n');
  return { purpose, about, issuedAt: isoTime(issued_at), expiresAt: isoTime(expires_at) };
}

/** The queued mails to a user, and in development those of the mailbox. */
function mailData({ queries }: Database): PersonalData {
  return {
    name: 'mail',
    table: 'mail_outbox',
    leftOut: {
      account_id: 'it is the id of the account',
      sealed: 'it may contain links that work for every reader; it is in the mail itself',
      due_at: 'it is when the server tries again',
      lease: 'it is which server is sending the mail',
    },
    read: async (accountId) =>
      (await mailOf(queries, accountId)).map((mail) => ({
        id: mail.id,
        recipient: mail.recipient,
        message: mail.message,
        createdAt: isoTime(mail.createdAt),
        attempts: mail.attempts,
        answer: mail.answer,
        shownAt: isoTime(mail.shownAt),
        failedAt: isoTime(mail.failedAt),
      })),
  };
}
