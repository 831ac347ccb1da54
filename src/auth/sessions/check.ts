import { randomBytes } from 'node:crypto';
import type { MaybePromise } from '../../platform/web/index.ts';
import { type AccountId, accountIds, type SessionId, sessionIds } from '../identifiers/ids.ts';
import type { Client } from '../mail/notices.ts';
import type { Database, Queries } from '../schema.ts';
import { classifyReusedToken, decideNextAction, GRACE, isExpired, isNoteDue, isUnseen } from './expiry.ts';
import { type SessionRow, signedInFrom } from './rows.ts';
import type { SessionLimits, SignedIn } from './session.ts';
import { type SessionTokens, sessionIdIn } from './session-token.ts';
import {
  type AccountRoles,
  deleteUnlessUsed,
  markStolen,
  noteSeen,
  reissueToken,
  replacedLookUp,
  rotateToken,
  sessionLookUp,
} from './store.ts';

/** A request that shows a token. */
export type Visit = {
  /** Milliseconds of UTC. */
  readonly now: number;
  readonly address: () => string | null;
  readonly client: () => Client;
  /** Whether its answer can carry another token; only then is one made. */
  readonly canRotate: boolean;
};

/** The result for a token: nothing; a session, and perhaps the successor of the token; or stolen. */
export type Checked =
  | null
  | { readonly signedIn: SignedIn; readonly successor: string | null }
  | { readonly stolen: { readonly accountId: AccountId; readonly sessionId: SessionId } };

/** Finds the user who is signed in with a token. Synchronous where the database is in this process. */
export type Check = (token: string, visit: Visit) => MaybePromise<Checked>;

/** Notifies the owner of a session that was ended as stolen. */
export type ReportTheft = (
  transaction: Queries,
  theft: { readonly accountId: AccountId; readonly client: Client; readonly now: number },
) => Promise<void>;

export type CheckParts = {
  readonly database: Database;
  readonly tokens: SessionTokens;
  readonly limits: SessionLimits;
  readonly reportTheft: ReportTheft;
  readonly accountRoles: AccountRoles | null;
};

type Parts = CheckParts & {
  readonly findSession: ReturnType<typeof sessionLookUp>;
  readonly findReplaced: ReturnType<typeof replacedLookUp>;
};

/** The session that a shown token names, as the database has it. */
type Found = {
  readonly id: Uint8Array;
  readonly row: SessionRow;
  readonly token: string;
};

export function createCheck(given: CheckParts): Check {
  const { database, accountRoles } = given;
  const findSession = sessionLookUp(database, accountRoles);
  const parts = { ...given, findSession, findReplaced: replacedLookUp(database) };
  return (token, visit) => check(parts, token, visit);
}

function check(parts: Parts, token: string, visit: Visit): MaybePromise<Checked> {
  const id = sessionIdIn(token);
  if (id === null) return null;
  const found = parts.findSession(id);
  return found instanceof Promise
    ? found.then((row) => checkRow(parts, id, row, token, visit))
    : checkRow(parts, id, found, token, visit);
}

function checkRow(
  parts: Parts,
  id: Uint8Array,
  row: SessionRow | undefined,
  token: string,
  visit: Visit,
): MaybePromise<Checked> {
  if (row === undefined || row.disabled_at !== null || row.stolen_at !== null) return null;
  if (row.delete_at !== null) return null;
  if (isExpired(row, parts.limits, visit.now)) return deleteOver(parts, id, row);
  const found = { id, row, token };
  if (!parts.tokens.isHashOf(token, row, row.token_hash)) return checkReplaced(parts, found, visit);
  const action = decideNextAction(row, parts.limits, visit.now, visit.canRotate);
  const checked = { signedIn: signedInFrom(id, row, parts.accountRoles), successor: null };
  if (action === null) return checked;
  const done = action === 'rotate' ? rotate(parts, found, visit) : note(parts, found, visit);
  // Not being noted lengthens nothing, so no user is signed out by a database that cannot be written to.
  return done.catch((error) => (parts.database.isUnavailable(error) ? checked : Promise.reject(error)));
}

// At once: a clock that steps back must not revive what was seen expired (A59).
async function deleteOver({ database }: Parts, id: Uint8Array, row: SessionRow): Promise<null> {
  await deleteUnlessUsed(database.queries, id, row).catch((error) =>
    database.isUnavailable(error) ? undefined : Promise.reject(error),
  );
  return null;
}

async function note({ database, accountRoles }: Parts, { id, row }: Found, visit: Visit): Promise<Checked> {
  const seenAt = Math.max(visit.now, row.token_issued_at);
  await noteSeen(database.queries, { id, shown: row.token_hash, seenAt, address: visit.address() });
  return { signedIn: signedInFrom(id, row, accountRoles), successor: null };
}

async function rotate(parts: Parts, { id, row, token }: Found, visit: Visit): Promise<Checked> {
  const salt = randomBytes(16);
  const [successor] = parts.tokens.successors(token, id, salt);
  const isFirst = await rotateToken(parts.database.queries, {
    id,
    shown: row.token_hash,
    successor: parts.tokens.hash(successor, row),
    salt,
    now: visit.now,
    until: visit.now + GRACE,
    address: visit.address(),
  });
  if (isFirst) return { signedIn: signedInFrom(id, row, parts.accountRoles), successor };
  // Another request was first. Its result is read again and decides; nothing is due a second time.
  return check(parts, token, { ...visit, canRotate: false });
}

async function checkReplaced(parts: Parts, found: Found, visit: Visit): Promise<Checked> {
  const { id, row, token } = found;
  const isHashOfToken = (hash: Uint8Array, text: string) => parts.tokens.isHashOf(text, row, hash);
  if (!parts.tokens.isOurs(token)) return null;
  const replaced = await parts.findReplaced(id);
  if (replaced === undefined) return null;
  const { previous_token_hash: previous, successor_salt: salt } = replaced;
  const isPrevious = previous !== null && isHashOfToken(previous, token);
  const reuse = classifyReusedToken(replaced, isPrevious, visit.now);
  if (reuse === 'refused') return null;
  if (reuse === 'theft') return endAsStolen(parts, id, row, visit);
  // Its successor was never used, so the response that carried it may have been lost: it is issued again.
  const isUnused = salt !== null && isUnseen(replaced);
  if (isUnused && isNoteDue(replaced, parts.limits, visit.now)) await reissue(parts, found, visit);
  const successors = isUnused && visit.canRotate ? parts.tokens.successors(token, id, salt) : [];
  const successor = successors.find((text) => isHashOfToken(replaced.token_hash, text)) ?? null;
  return { signedIn: signedInFrom(id, row, parts.accountRoles), successor };
}

// Using the session, and so it does not end as idle. Not being noted lengthens nothing.
async function reissue({ database }: Parts, { id, row }: Found, { now, address }: Visit): Promise<void> {
  const reissued = { id, successor: row.token_hash, now, until: now + GRACE, address: address() };
  await reissueToken(database.queries, reissued).catch((error) =>
    database.isUnavailable(error) ? undefined : Promise.reject(error),
  );
}

async function endAsStolen(
  { database, reportTheft }: Parts,
  id: Uint8Array,
  row: SessionRow,
  { now, client }: Visit,
): Promise<Checked> {
  const accountId = accountIds.fromBytes(row.account_id);
  // In a statement of its own: if the owner cannot be notified, the session is ended nevertheless.
  if (!(await markStolen(database.queries, id, now))) return null;
  await database.transaction((transaction) => reportTheft(transaction, { accountId, client: client(), now }));
  return { stolen: { accountId, sessionId: sessionIds.fromBytes(id) } };
}
