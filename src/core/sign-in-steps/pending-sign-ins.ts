import { type Clock, MINUTE, SECOND } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Queries } from '../database/schema.ts';
import type { RequestContext } from '../http/context.ts';
import type { Cookies } from '../http/cookies.ts';
import { bytesToId, idToBytes } from '../identifiers/uuid.ts';
import { paths } from '../paths.ts';
import { createRowSeals } from '../row-seals.ts';
import type { Secrets } from '../secrets.ts';
import { hashToken, isToken, newToken } from '../tokens.ts';
import {
  firstInTheWay,
  type ProofFact,
  proofFacts,
  type SignInMethodName,
  type SignInRules,
} from './sign-in-step.ts';
import {
  deletePendingSignIn,
  deletePendingSignInsOf,
  findPendingSignIn,
  insertForUsableAccount,
} from './store.ts';

/** How long a proof waits for what stands in its way, in milliseconds. */
export const PENDING_LIFETIME = 10 * MINUTE;

/** An identity that was proven, and what else the gate has to know to begin its session. */
export type WaitingIdentity = {
  readonly accountId: string;
  readonly method: SignInMethodName;
  /** What the proof named, such as the version of the password at that time; its method says whether it still holds. */
  readonly credential: string;
  /** Whether the person asked to stay signed in on this device. */
  readonly isRemembered: boolean;
  /** Where the person wants to go, a path of ours; null for nowhere in particular. */
  readonly next: string | null;
  readonly facts: readonly ProofFact[];
};

/**
 * A sign-in that waits for a step. It is no session: nothing but the pages of steps knows it, and it is good for
 * nothing but to go on from there (A37).
 */
export type PendingSignIn = WaitingIdentity & {
  readonly username: string;
  readonly email: string | null;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/** What a step has made of the proof: another credential, and what is told of it now. */
export type Established = Partial<Pick<WaitingIdentity, 'credential' | 'facts'>>;

/** What a step's page finds: the sign-in that waits for it, or where the browser has to go instead. */
export type Turn = { readonly pending: PendingSignIn } | { readonly pending: null; readonly path: string };

/** Sign-ins that wait for a step, each bound to one browser by its cookie. */
export type PendingSignIns = ReturnType<typeof createPendingSignIns>;

export type PendingParts = {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly cookies: Cookies;
  readonly clock: Clock;
  readonly rules: () => SignInRules;
};

export function createPendingSignIns(given: PendingParts) {
  const { database, secrets, cookies, clock, rules } = given;
  const parts = { ...given, seals: createRowSeals(secrets, 'pending_sign_ins') };
  const { queries } = database;

  const shown = (context: RequestContext) => shownHash(cookies, context);
  return {
    /**
     * The sign-in of this browser, if it is the turn of that step: whoever holds a stolen password must not do a later
     * step before the one in front of it, such as a second factor.
     */
    read: async (context: RequestContext, step: string): Promise<Turn> => {
      const tokenHash = shown(context);
      const pending = tokenHash === null ? null : await find(parts, tokenHash);
      if (pending === null) return { pending: null, path: paths.login };
      const inTheWay = await firstInTheWay(rules().steps, pending.accountId, pending.facts);
      if (inTheWay !== null && inTheWay.name !== step) return { pending: null, path: inTheWay.path };
      return { pending };
    },

    /**
     * Lets a proven identity wait, in this browser alone and in the place of any other; for the gate.
     * @returns false when the account is disabled or gone
     */
    keep: async (context: RequestContext, identity: WaitingIdentity, expiresAt: number): Promise<boolean> => {
      const now = clock();
      const token = newToken();
      const row = rowOf(token, identity, now, expiresAt);
      const sealed = { ...row, seal: parts.seals.sealOf(row) };
      const isKept = await insertForUsableAccount(queries, sealed).catch((error) =>
        // The account may be deleted between being found and being referred to.
        database.isRowRefusal(error) ? false : Promise.reject(error),
      );
      if (!isKept) return false;
      const seconds = Math.ceil((expiresAt - now) / SECOND);
      context.cookies.set('pending', cookies.set('pending', token, seconds));
      return true;
    },

    /**
     * Takes the sign-in of this browser, so that it goes on once (A15); for the gate.
     * @param established what a step has made of the proof
     */
    take: async (context: RequestContext, established: Established): Promise<PendingSignIn | null> => {
      const tokenHash = shown(context);
      if (tokenHash === null) return null;
      // Nothing in a row is ever changed, so what was read is what is taken. What does not hold for this request is left:
      // it may hold for another one, which has just changed the password.
      const pending = await find(parts, tokenHash, established);
      return pending !== null && (await deletePendingSignIn(queries, tokenHash)) ? pending : null;
    },

    /** Ends those of an account that wait in other browsers, in the transaction of a change of its credentials (A11). */
    endOthers: (transaction: Queries, context: RequestContext, accountId: string): Promise<void> =>
      deletePendingSignInsOf(transaction, accountId, shown(context)),

    /** Forgets the sign-in of this browser, in the database and in the browser. */
    drop: async (context: RequestContext): Promise<void> => {
      if (cookies.read(context.request, 'pending') === null) return;
      const tokenHash = shown(context);
      if (tokenHash !== null) await deletePendingSignIn(queries, tokenHash);
      context.cookies.set('pending', cookies.clear('pending'));
    },
  };
}

function rowOf(token: string, identity: WaitingIdentity, now: number, expiresAt: number) {
  return {
    token_hash: hashToken(token),
    account_id: idToBytes(identity.accountId),
    method: identity.method,
    credential: identity.credential,
    is_remembered: identity.isRemembered ? 1 : 0,
    next_path: identity.next,
    facts: JSON.stringify(identity.facts),
    created_at: now,
    expires_at: expiresAt,
  };
}

type Parts = PendingParts & { readonly seals: ReturnType<typeof createRowSeals<'pending_sign_ins'>> };

/** The hash of the token that the browser shows, or null. */
function shownHash(cookies: Cookies, { request }: RequestContext): Buffer | null {
  const token = cookies.read(request, 'pending');
  return token !== null && isToken(token) ? hashToken(token) : null;
}

async function find(
  { database, seals, clock, rules }: Parts,
  tokenHash: Buffer,
  established: Established = {},
): Promise<PendingSignIn | null> {
  const found = await findPendingSignIn(database.queries, tokenHash, clock());
  if (found === undefined) return null;
  const { username, email, ...row } = found;
  if (!seals.isSealed(row)) return null;
  // Another version may have left a method or a fact that nobody here knows: then it is dead.
  const method = rules().methods.find(({ name }) => name === row.method);
  const facts = proofFacts.safeParse(JSON.parse(row.facts));
  const accountId = bytesToId(row.account_id);
  if (method === undefined || !facts.success) return null;
  const credential = established.credential ?? row.credential;
  if (!(await method.stillHolds(accountId, credential))) return null;
  return {
    accountId,
    method: method.name,
    credential,
    isRemembered: row.is_remembered === 1,
    next: row.next_path,
    facts: established.facts ?? facts.data,
    username,
    email,
    expiresAt: row.expires_at,
  };
}
