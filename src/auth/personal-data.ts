import { detailsOf, type Link, linksBefore } from '../platform/audit-log/index.ts';
import { bytesToId } from '../platform/text/index.ts';
import type { Accounts } from './accounts/accounts.ts';
import { everyTokenOf } from './one-time-tokens/store.ts';
import { everyPendingSignInOf } from './required-steps/store.ts';
import type { Database, Queries } from './schema.ts';
import { everySessionOf } from './sessions/store.ts';

/** What one part of the system keeps of a person, and how it hands that to them. */
export type PersonalData = {
  /** Its name in the file. */
  readonly name: string;
  readonly table: string;
  /** Columns that are not handed over, each with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** What is kept of an account, as JSON. Times are ISO 8601 in UTC. A long list comes in batches. */
  readonly read: (accountId: string) => Promise<unknown> | Batches;
};

/** The items of a list, a few at a time, so that neither the memory nor the database is taken up by them. */
export type Batches = AsyncIterable<readonly unknown[]>;

/** How many records are read at once. */
const BATCH = 500;

/** A moment as programs read it. @param milliseconds of UTC, or null for never */
export function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

const PROOF = 'it is the proof that a browser is signed in, in a form that is of no use to read';

const SEAL = 'it shows that nobody has changed the record, in a form that is of no use to read';

/** What core keeps of a person: the account, its sessions, links that were sent for it, sign-ins that wait, and events. */
export function personalDataInCore(database: Database, accounts: Accounts): readonly PersonalData[] {
  return [
    accountData(accounts),
    sessionData(database),
    tokenData(database),
    pendingSignInData(database),
    eventData(database),
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
      token_hash: 'it stands for a link that was sent, in a form that is of no use to read',
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
      credential: 'it says which password was given, which changedAt of the password does',
      facts: 'it is what the next page of the sign-in says, and gone within minutes',
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

async function* eventBatches(queries: Queries, accountId: string) {
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
  return { ...about, ...rest, details: detailsOf(details) };
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
