import type { Announce, EventData, EventDefinition } from '../platform/events/index.ts';
import type { Email, EmailDefinition, Occasion } from '../platform/mail/index.ts';
import type { Devices, Generations } from '../platform/rate-limit/index.ts';
import type { Clock } from '../platform/runtime/index.ts';
import { CONFLICT, type Conflict, transact } from '../platform/sql/index.ts';
import { type Id, idToBytes } from '../platform/text/index.ts';
import { type Cookies, type MaybePromise, originOf } from '../platform/web/index.ts';
import type { Accounts } from './accounts/accounts.ts';
import { clearKnownDevices } from './accounts/store.ts';
import type { AccountId, SessionId } from './identifiers/ids.ts';
import { clientOf, type NoticeAbout, type Notices } from './mail/notices.ts';
import type { OneTimeTokens } from './one-time-tokens/one-time-tokens.ts';
import { deleteTokensOf } from './one-time-tokens/store.ts';
import { type TokenKind, type VoidedBy, voidedTokens } from './one-time-tokens/token-definition.ts';
import type { RequestContext } from './request-context.ts';
import type { PendingSignIns } from './required-steps/pending-sign-ins.ts';
import type { LinkedCredentials } from './required-steps/sign-in-step.ts';
import { deletePendingSignInsOf } from './required-steps/store.ts';
import type { Database, Queries } from './schema.ts';
import type { ProofKind, SignedIn } from './sessions/session.ts';
import { sessionCookie, setSessionCookie } from './sessions/session-cookie.ts';
import type { Sessions } from './sessions/sessions.ts';
import { deleteSessionsOf } from './sessions/store.ts';

/** One kind of change of how an account can be entered, with everything that it does besides. */
export type CredentialChange<Data extends EventData = EventData> = {
  /** The name of its row in SECURITY.md. */
  readonly name: string;
  /** Whether all other sessions of the account end, its pending sign-ins, and what else gives access. */
  readonly otherSessions: 'end' | 'stay';
  /** What happens to the session in which the change is made; it `begins` where the change is a step of its sign-in. */
  readonly ownSession: 'ends' | 'new token' | 'begins' | 'stays';
  /** By what the user has authenticated in that session with the change. */
  readonly proves?: ProofKind;
  /** The second factor that the session has from then on; null for none. */
  readonly factor?: string | null;
  /** The one-time tokens that become worthless: all that such a change voids, or those listed. */
  readonly voids: VoidedBy | readonly TokenKind[];
  /** Of tokens of this kind, those that were issued after the one that is spent. */
  readonly voidsLater?: TokenKind;
  /** Known browsers; `forget-others` keeps the one that makes the change as known as it was, `remember` makes it known. */
  readonly knownDevices: 'keep' | 'forget-others' | 'forget-others-and-remember' | 'forget-all';
  /** Identities at providers; what concerns one of them is done by `apply`. */
  readonly linkedIdentities: 'keep' | 'add-one' | 'remove-one' | 'remove-unselected' | 'remove-all';
  readonly notifies: readonly EmailDefinition<never>[];
  readonly event: EventDefinition<Data>;
};

export function defineCredentialChanges<const Changes extends Readonly<Record<string, CredentialChange>>>(
  changes: Changes,
): Changes {
  return changes;
}

type Refused<Reason extends string> = { readonly ok: false; readonly reason: Reason };

export type ChangeOptions<Reason extends string> = {
  readonly accountId: AccountId;
  /** The one-time token that allows the change; by its id where the user has shown what came with it. */
  readonly token?: { readonly purpose: TokenKind } & ({ readonly token: string } | { readonly id: string });
  /** The ids of the identities that stay where a change removes those that are not selected. */
  readonly keptIdentities?: readonly Id[];
  /** The change is made even where the session has ended meanwhile, because something else proves the user. */
  readonly isSessionOptional?: boolean;
  /**
   * Makes the change by one conditional statement, which names the winner of a race.
   * @returns false where another request was faster, or why the change is refused; then nothing is kept, the token is not spent
   */
  readonly apply: (transaction: Queries, occasion: Occasion) => Promise<boolean | Refused<Reason>>;
  /** Writes the notice to the owner; left out where there is none, or `apply` queues it. */
  readonly notice?: ChangeNotice;
};

export type ChangeNotice = (about: NoticeAbout, also: AboutChange) => MaybePromise<Email>;

type AboutChange = {
  readonly transaction: Queries;
  /** The labels of the identities that were removed. */
  readonly disconnected: readonly string[];
};

/**
 * THE GATE for changes of how an account can be entered. In one transaction: lock the account → spend the token → end
 * sessions and pending sign-ins, void tokens, remove identities, forget browsers → make the change → queue the notice.
 * Then: end sessions once more → cookies → event.
 */
export type ChangeCredential = <Data extends EventData, Reason extends string = never>(
  context: RequestContext,
  change: CredentialChange<Data>,
  options: ChangeOptions<Reason> & { readonly event: NoInfer<Data> },
) => Promise<Changed | Refused<Reason> | Conflict>;

type Changed = {
  readonly ok: true;
  /** Whether the session in which the change was made has got another token; false where it has ended meanwhile. */
  readonly hasNewToken: boolean;
};

/** Ends what gives access beside sessions, such as API tokens, in the transaction of a change that ends other sessions. */
export type EndOtherAccess = (transaction: Queries, accountId: AccountId) => Promise<unknown>;

export type ChangeParts = {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly pendingSignIns: PendingSignIns;
  readonly oneTimeTokens: OneTimeTokens;
  /** Every kind of one-time token. */
  readonly tokens: readonly TokenKind[];
  readonly endOtherAccess: EndOtherAccess;
  readonly linkedCredentials: LinkedCredentials;
  readonly devices: Devices<AccountId>;
  readonly notices: Notices;
  readonly cookies: Cookies;
  readonly clock: Clock;
  readonly announce: Announce;
};

export function createChangeCredential(parts: ChangeParts): ChangeCredential {
  const { database, accounts, notices, pendingSignIns, cookies, devices, clock, announce } = parts;
  return async (context, change, options) => {
    const { accountId } = options;
    const own = context.signedIn?.user.id === accountId ? context.signedIn : null;
    const occasion = notices.occasionOf(clientOf(context), clock());
    const now = occasion.at;
    const kept = { session: own?.session.id ?? null, signIn: pendingSignIns.hashOf(context) };
    const changed = await transact(
      database,
      (transaction) => make(parts, transaction, { change, options, own, kept, occasion }),
      database.isUniqueViolation,
    );
    if (!changed.ok) return changed;
    // A sign-in with the old credential may have begun a session before it could see the change, and created a token in it.
    // One that begins later sees it and ends its own session (`stillHolds` of the sign-in method).
    if (change.otherSessions === 'end')
      await database.transaction(async (transaction) => {
        await accounts.lock(transaction, accountId);
        await endAccess(transaction, change, { ...parts, accountId, kept });
      });
    const { token, forgetting } = changed;
    if (own !== null && token !== null) setSessionCookie(cookies, context, { ...own.session, token }, now);
    if (own !== null && change.ownSession === 'ends') cookies.clear(context, sessionCookie);
    if (change.knownDevices === 'forget-others') devices.keep(context, accountId, forgetting, now);
    if (change.knownDevices === 'forget-others-and-remember')
      devices.remember(context, accountId, now, forgetting.after);
    announce(change.event, options.event, originOf(context));
    return { ok: true, hasNewToken: token !== null };
  };
}

type Making<Reason extends string> = {
  readonly change: CredentialChange;
  readonly options: ChangeOptions<Reason>;
  readonly own: SignedIn | null;
  readonly kept: Kept;
  readonly occasion: Occasion;
};

async function make<Reason extends string>(
  parts: ChangeParts,
  transaction: Queries,
  { change, options, own, kept, occasion }: Making<Reason>,
) {
  const { accounts, sessions, notices } = parts;
  const { accountId, apply, notice } = options;
  const now = occasion.at;
  // The account comes first, so that two changes of it wait for each other and never for ever.
  await accounts.lock(transaction, accountId);
  if (!(await spend(parts, transaction, change, options, now))) return CONFLICT;
  const rotates = change.ownSession === 'new token';
  const renewal = { by: change.proves ?? null, factor: change.factor };
  const token = rotates && own !== null ? await sessions.renew(own, now, renewal, transaction) : null;
  if (rotates && token === null && options.isSessionOptional !== true) return CONFLICT;
  const forgetting = await applyEffects(transaction, change, { ...parts, accountId, now, kept });
  const disconnected = await removeIdentities(parts, transaction, change, options);
  const applied = await apply(transaction, occasion);
  if (applied === false) return CONFLICT;
  if (applied !== true) return applied;
  if (notice !== undefined) {
    const write = (about: NoticeAbout) => notice(about, { transaction, disconnected });
    await notices.queue(transaction, { accountId, occasion, write });
  }
  return { ok: true, token, forgetting } as const;
}

/** @returns false where the token is no longer good */
async function spend(
  { oneTimeTokens }: ChangeParts,
  transaction: Queries,
  { voidsLater }: CredentialChange,
  { accountId, token }: Pick<ChangeOptions<string>, 'accountId' | 'token'>,
  now: number,
): Promise<boolean> {
  if (token === undefined) return true;
  if ('id' in token) return oneTimeTokens.spendById(transaction, token.purpose, token.id);
  const spent = await oneTimeTokens.spend(transaction, token.purpose, token.token, now);
  if (spent === null) return false;
  if (voidsLater !== undefined)
    await oneTimeTokens.voidSince(transaction, token.purpose, accountId, spent.issuedAt);
  return true;
}

/** @returns the labels of those that were removed */
async function removeIdentities(
  { accounts, linkedCredentials }: ChangeParts,
  transaction: Queries,
  { linkedIdentities }: CredentialChange,
  { accountId, keptIdentities = [] }: Pick<ChangeOptions<string>, 'accountId' | 'keptIdentities'>,
): Promise<readonly string[]> {
  if (linkedIdentities !== 'remove-all' && linkedIdentities !== 'remove-unselected') return [];
  const account = await accounts.read(accountId, transaction);
  const linked = account === null ? [] : await linkedCredentials.list(account, transaction);
  await linkedCredentials.remove(transaction, accountId, keptIdentities);
  return linked.filter(({ id }) => !keptIdentities.includes(id)).map(({ label }) => label);
}

export type Effects = Pick<CredentialChange, 'otherSessions' | 'ownSession' | 'voids' | 'knownDevices'>;

/** What may outlive a change: the session in which it is made, and the token hash of the sign-in that it is a step of. */
type Kept = { readonly session: SessionId | null; readonly signIn: Uint8Array | null };

const NOTHING_KEPT: Kept = { session: null, signIn: null };

type Affected = Pick<ChangeParts, 'tokens' | 'endOtherAccess'> & {
  readonly accountId: AccountId;
  readonly now: number;
  readonly kept?: Kept;
};

/** What a change does in the database without the help of features, in its transaction; the account must be locked. */
export async function applyEffects(
  transaction: Queries,
  effects: Effects,
  affected: Affected,
): Promise<Generations> {
  const { accountId, now, tokens } = affected;
  await endAccess(transaction, effects, affected);
  const { voids } = effects;
  const voided = typeof voids === 'string' ? voidedTokens(tokens, voids) : voids.map(({ name }) => name);
  if (voided.length > 0) await deleteTokensOf(transaction, voided, accountId);
  if (effects.knownDevices === 'keep') return { before: 0, after: 0 };
  return clearKnownDevices(transaction, accountId, now);
}

/** Ends what gives access to an account, which must be locked; returns how many sessions there were. */
export async function endAccess(
  on: Queries,
  { otherSessions, ownSession }: Pick<CredentialChange, 'otherSessions' | 'ownSession'>,
  { accountId, endOtherAccess, kept: { session, signIn } = NOTHING_KEPT }: Omit<Affected, 'now' | 'tokens'>,
): Promise<number> {
  if (otherSessions === 'stay') return 0;
  await endOtherAccess(on, accountId);
  await deletePendingSignInsOf(on, accountId, ownSession === 'begins' ? signIn : null);
  const isKept = session !== null && (ownSession === 'new token' || ownSession === 'stays');
  return deleteSessionsOf(on, accountId, isKept ? idToBytes(session) : null);
}
