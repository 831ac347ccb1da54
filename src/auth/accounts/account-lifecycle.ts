import { type Deletion, type Reference, transactDeletion } from '../../platform/sql/index.ts';
import {
  applyEffects,
  type ChangeParts,
  defineCredentialChanges,
  type Effects,
  endAccess,
} from '../credential-change.ts';
import { emails, events } from '../definitions.ts';
import type { AccountId } from '../identifiers/ids.ts';
import type { Client, NewNotice, Notices } from '../mail/notices.ts';
import { paths } from '../paths.ts';
import type { Queries } from '../schema.ts';
import {
  cancelDeletion,
  deleteAccount,
  deleteDueAccount,
  disableAccount,
  enableAccount,
  lockAccount,
  scheduleDeletion,
} from './store.ts';

export const changes = defineCredentialChanges({
  accountDisabled: {
    name: 'account disabled by the operator',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    knownDevices: 'forget-all',
    linkedIdentities: 'keep',
    notifies: [emails.accountDisabled],
    event: events.accountDisabled,
  },
});

/** Who makes a change, and when. Without a client it is the operator or background work. */
export type Actor = {
  /** Milliseconds of UTC. */
  readonly now: number;
  readonly client?: Client | null;
};

const ALL_ACCESS = { otherSessions: 'end', ownSession: 'ends' } as const;

type Statement = (transaction: Queries) => Promise<boolean>;

type LifecycleParts = Pick<ChangeParts, 'database' | 'tokens' | 'endOtherAccess'> & {
  readonly notices: Pick<Notices, 'queue' | 'occasionOf'>;
  /** Called when a foreign key refuses the deletion of an account. */
  readonly onRefused: (accountId: AccountId, by: Reference) => void;
};

/**
 * Disables, enables and deletes accounts. What revokes access also ends sessions and pending sign-ins, and notifies the owner
 * by mail; nothing restores an ended session (A12).
 */
export type AccountLifecycle = ReturnType<typeof createAccountLifecycle>;

export function createAccountLifecycle(parts: LifecycleParts) {
  return {
    /**
     * Refuses every sign-in and session from the next request on, and voids what gives access, so that it does not come
     * back with the account; returns whether the account was enabled until now.
     */
    disable: (accountId: AccountId, actor: Actor): Promise<boolean> =>
      change(parts, accountId, (transaction) => disableAccount(transaction, accountId, actor.now), {
        actor,
        effects: changes.accountDisabled,
        write: ({ username }) => emails.accountDisabled.with({ username }),
      }),

    /** Lets its owner sign in again; returns whether the account was disabled until now. */
    enable: (accountId: AccountId): Promise<boolean> =>
      change(parts, accountId, (transaction) => enableAccount(transaction, accountId)),

    /** Makes a change of a feature, with the effects of its row and the notice; returns whether the statement changed anything. */
    change: (accountId: AccountId, statement: Statement, notified: Required<Notified>): Promise<boolean> =>
      change(parts, accountId, statement, notified),

    /** Ends every session of an account, and what else gives access; returns how many sessions there were. */
    signOut: (accountId: AccountId): Promise<number> =>
      parts.database.transaction(async (transaction) => {
        await lockAccount(transaction, accountId);
        return endAccess(transaction, ALL_ACCESS, { ...parts, accountId });
      }),

    /**
     * Ends every session and has the account deleted at `deleteAt`, unless its owner signs in before.
     * @returns false where it is to be deleted already, at the time that was set first
     */
    requestDeletion: (accountId: AccountId, deleteAt: number, actor: Actor): Promise<boolean> =>
      change(parts, accountId, (transaction) => scheduleDeletion(transaction, accountId, deleteAt), {
        actor,
        write: ({ username }) =>
          emails.accountDeletionRequested.with({ username, page: paths.login, deletion: deleteAt }),
      }),

    /** Keeps an account whose time has not come; returns whether it was to be deleted, and may be used now. */
    cancelDeletion: (accountId: AccountId, now: number): Promise<boolean> =>
      change(parts, accountId, (transaction) => cancelDeletion(transaction, accountId, now)),

    /**
     * Deletes an account. The foreign keys of all other tables cascade, so nothing of it is left but the audit log.
     * A table of the application may refuse.
     */
    delete: (accountId: AccountId, actor: Actor): Promise<Deletion> =>
      remove(parts, accountId, (transaction) => deleteAccount(transaction, accountId), actor),

    /** Deletes an account that is past `delete_at`; returns whether this call did it. */
    deleteIfDue: async (accountId: AccountId, now: number): Promise<boolean> => {
      const statement: Statement = (transaction) => deleteDueAccount(transaction, accountId, now);
      return (await remove(parts, accountId, statement, { now })).ok;
    },
  };
}

type Notified = Pick<NewNotice, 'write'> & { readonly actor: Actor; readonly effects?: Effects };

/** Changes an account, ends its sessions and notifies its owner; where the statement changes nothing, nothing is done. */
function change(
  parts: LifecycleParts,
  accountId: AccountId,
  statement: Statement,
  notified?: Notified,
): Promise<boolean> {
  const { database, notices } = parts;
  return database.transaction(async (transaction) => {
    if (!(await statement(transaction))) return false;
    // Also when an account is enabled or kept: a session that began while it was being closed was refused until now, and
    // must not come to life.
    await endAccess(transaction, ALL_ACCESS, { ...parts, accountId });
    if (notified === undefined) return true;
    const { actor, effects, write } = notified;
    const { now, client = null } = actor;
    if (effects !== undefined) await applyEffects(transaction, effects, { ...parts, accountId, now });
    await notices.queue(transaction, { accountId, occasion: notices.occasionOf(client, now), write });
    return true;
  });
}

/** Queues the deletion notice before the address is deleted with the account. */
async function remove(
  { database, notices, onRefused }: LifecycleParts,
  accountId: AccountId,
  statement: Statement,
  { now, client = null }: Actor,
): Promise<Deletion> {
  const deletion = await transactDeletion(database, async (transaction) => {
    await notices.queue(transaction, {
      accountId,
      occasion: notices.occasionOf(client, now),
      isFarewell: true,
      write: ({ username }) => emails.accountDeleted.with({ username }),
    });
    return statement(transaction);
  });
  if (!deletion.ok && deletion.reason === 'referenced') onRefused(accountId, deletion.by);
  return deletion;
}
