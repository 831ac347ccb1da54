import {
  createRowSeals,
  hashToken,
  isToken,
  newToken,
  type RowSeals,
  type Secrets,
} from '../../platform/crypto/index.ts';
import { type Clock, MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { type Flows, flowOf } from '../../platform/web/index.ts';
import { authCookies } from '../definitions.ts';
import { type AccountId, accountIds } from '../identifiers/ids.ts';
import { paths } from '../paths.ts';
import type { RequestContext } from '../request-context.ts';
import type { Database } from '../schema.ts';
import { type Proof, proofFrom } from '../sessions/session.ts';
import {
  findNextRequiredStep,
  type ProofFact,
  proofFacts,
  type SignInMethodName,
  type SignInRules,
} from './sign-in-step.ts';
import type { PendingSignInRow } from './store.ts';
import { deletePendingSignIn, findPendingSignIn, insertForUsableAccount } from './store.ts';

/** How long a proven identity waits for required steps, in milliseconds. */
export const PENDING_LIFETIME = 10 * MINUTE;

/** A proven identity, with what the gate needs to begin its session. */
export type WaitingIdentity = {
  readonly accountId: AccountId;
  readonly method: SignInMethodName;
  /** What the proof named, such as the version of the password at that time; its method says whether it still holds. */
  readonly credential: string;
  /** Whether the user asked to stay signed in on this device. */
  readonly isRemembered: boolean;
  /** The page that the user wants next, a path of ours, or null. */
  readonly next: string | null;
  readonly facts: readonly ProofFact[];
  /** How and when the user authenticated; null where nothing shows that they did, actively. */
  readonly proof: Proof | null;
};

/**
 * A sign-in that requires a step. It is no session: only the pages of steps read it, and it serves only to continue (A37).
 */
export type PendingSignIn = WaitingIdentity & {
  /** The handle that the forms of its steps carry. */
  readonly flow: string;
  readonly username: string;
  readonly email: string | null;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/** What a step has changed of the proof, such as the credential. */
export type Established = Partial<Pick<WaitingIdentity, 'credential' | 'facts' | 'proof'>>;

/** What the page of a step finds: its pending sign-in, or the path to which the browser is redirected. */
export type PendingOrPath =
  | { readonly pending: PendingSignIn }
  | { readonly pending: null; readonly path: string };

/** Pending sign-ins, each bound to one browser by its cookie. */
export type PendingSignIns = ReturnType<typeof createPendingSignIns>;

export type PendingParts = {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly flows: Flows;
  readonly clock: Clock;
  readonly rules: () => SignInRules;
};

export function createPendingSignIns(given: PendingParts) {
  const parts = { ...given, seals: createRowSeals<PendingSignInRow>(given.secrets, 'pending_sign_ins') };
  const { database, flows } = parts;
  return {
    /**
     * The pending sign-in that a form or page was drawn for, if that step is the next one: an attacker with a stolen
     * password must not do a later step before an earlier one, such as a second factor.
     */
    read: (context: RequestContext, step: string): Promise<PendingOrPath> =>
      readPending(parts, context, context.flow, step),

    /** The pending sign-in of one account for that step in this browser, or null. */
    ofAccount: async (
      context: RequestContext,
      step: string,
      accountId: AccountId,
    ): Promise<PendingSignIn | null> => {
      for (const flow of flows.handles(context, authCookies.pending)) {
        const { pending } = await readPending(parts, context, flow, step);
        if (pending?.accountId === accountId) return pending;
      }
      return null;
    },

    /**
     * Lets a proven identity wait, in this browser alone and beside any other; for the gate.
     * @returns the handle of its flow; null when the account is disabled or deleted
     */
    keep: (context: RequestContext, identity: WaitingIdentity, expiresAt: number): Promise<string | null> =>
      keep(parts, context, identity, expiresAt),

    /**
     * Takes a sign-in of this browser, so that it goes on once (A15); for the gate.
     * @param established what a step has made of the proof
     */
    take: async (
      context: RequestContext,
      flow: string,
      established: Established,
    ): Promise<PendingSignIn | null> => {
      const token = shown(parts, context, flow);
      flows.forget(context, authCookies.pending, flow);
      if (token === null) return null;
      // Nothing in a row is ever changed, so what was read is what is taken. What does not hold for this request is left:
      // it may hold for another one, which has just changed the password.
      const pending = await find(parts, token, established);
      if (pending === null) return null;
      return (await deletePendingSignIn(database.queries, hashToken(token))) ? pending : null;
    },

    /** The hash of the token of the one that the form was drawn for, or null. */
    hashOf: (context: RequestContext): Uint8Array | null => {
      const token = shown(parts, context, context.flow);
      return token === null ? null : hashToken(token);
    },

    /** Forgets a sign-in of this browser, in the database and in the browser. */
    drop: async (context: RequestContext): Promise<void> => {
      const token = shown(parts, context, context.flow);
      if (token !== null) await deletePendingSignIn(database.queries, hashToken(token));
      flows.forget(context, authCookies.pending, context.flow);
    },
  };
}

type Parts = PendingParts & { readonly seals: RowSeals<PendingSignInRow> };

function rowOf(token: string, identity: WaitingIdentity, now: number, expiresAt: number) {
  return {
    token_hash: hashToken(token),
    account_id: idToBytes(identity.accountId),
    method: identity.method,
    credential: identity.credential,
    is_remembered: identity.isRemembered ? 1 : 0,
    next_path: identity.next,
    facts: JSON.stringify(identity.facts),
    proven_at: identity.proof?.at ?? null,
    proven_by: identity.proof?.by ?? null,
    created_at: now,
    expires_at: expiresAt,
  };
}

/** The token of that handle that the browser shows, or null. */
function shown({ flows }: PendingParts, context: RequestContext, flow: string): string | null {
  const token = flows.read(context, authCookies.pending, flow);
  return token !== null && isToken(token) && flowOf(token) === flow ? token : null;
}

async function readPending(
  parts: Parts,
  context: RequestContext,
  flow: string,
  step: string,
): Promise<PendingOrPath> {
  const token = shown(parts, context, flow);
  const pending = token === null ? null : await find(parts, token);
  if (pending === null) return { pending: null, path: paths.login };
  const required = await findNextRequiredStep(parts.rules().steps, pending.accountId, pending.facts);
  if (required !== null && required.name !== step) return { pending: null, path: required.path };
  return { pending };
}

async function keep(
  { database, flows, seals, clock }: Parts,
  context: RequestContext,
  identity: WaitingIdentity,
  expiresAt: number,
): Promise<string | null> {
  const now = clock();
  const token = newToken();
  const row = rowOf(token, identity, now, expiresAt);
  const sealed = { ...row, seal: seals.sealOf(row) };
  const isKept = await insertForUsableAccount(database.queries, sealed).catch((error) =>
    // The account may be deleted between being found and being referred to.
    database.isRowRefusal(error) ? false : Promise.reject(error),
  );
  if (!isKept) return null;
  const lifetimeSeconds = Math.ceil((expiresAt - now) / SECOND);
  const handle = flowOf(token);
  flows.keep(context, { kind: authCookies.pending, handle, value: token, lifetimeSeconds });
  return handle;
}

async function find(
  { database, seals, clock, rules }: Parts,
  token: string,
  established: Established = {},
): Promise<PendingSignIn | null> {
  const [tokenHash, now] = [hashToken(token), clock()];
  const found = await findPendingSignIn(database.queries, tokenHash, now);
  if (found === undefined) return null;
  // It goes at once: a clock that steps back must not revive what was seen expired (A59).
  if (found.expires_at <= now) {
    await deletePendingSignIn(database.queries, tokenHash);
    return null;
  }
  const { username, email, ...row } = found;
  if (!seals.isSealed(row)) return null;
  // Another version may have written a method or a fact that is unknown here: then it is invalid.
  const method = rules().methods.find(({ name }) => name === row.method);
  const facts = proofFacts.safeParse(JSON.parse(row.facts));
  const accountId = accountIds.fromBytes(row.account_id);
  if (method === undefined || !facts.success) return null;
  const credential = established.credential ?? row.credential;
  if (!(await method.stillHolds(accountId, credential))) return null;
  return {
    flow: flowOf(token),
    accountId,
    method: method.name,
    credential,
    isRemembered: row.is_remembered === 1,
    next: row.next_path,
    facts: established.facts ?? facts.data,
    proof: established.proof ?? proofFrom(row.proven_by, row.proven_at),
    username,
    email,
    expiresAt: row.expires_at,
  };
}
