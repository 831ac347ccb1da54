import type { Core } from '../auth/core.ts';
import { createResetLink } from '../features/password-reset/index.ts';
import type { RoleChange, Roles } from '../features/roles/index.ts';
import type { AnnounceBy, By } from './user-actor.ts';
import { NOT_FOUND, type NotFound, onAccount } from './user-changes.ts';
import { type UserRecord, userRecordFrom } from './user-record.ts';

export type UserUpdate<Role extends string = string> = By & {
  /** The roles from now on, or which are added and removed. */
  readonly roles?: RoleChange<Role>;
};

export type UserUpdated<Role extends string = string> =
  | { readonly ok: true; readonly user: UserRecord<Role> }
  | { readonly ok: false; readonly reason: 'not-found' | 'unknown-role' };

export type UpdateParts = {
  readonly core: Core;
  readonly roles: Roles;
  readonly announce: AnnounceBy;
};

export function createUserUpdate({ core, roles, announce }: UpdateParts) {
  const { accounts, clock } = core;
  return (id: string, { by, roles: change }: UserUpdate): Promise<UserUpdated> =>
    onAccount<UserUpdated>(accounts, id, { by }, async ({ id: accountId }, actor) => {
      if (change !== undefined) {
        const changed = await roles.change({
          accountId,
          change,
          now: clock(),
          announce: (event, data) => announce(event, data, actor),
        });
        if (!changed.ok) return changed;
      }
      const account = await accounts.read(accountId);
      if (account === null) return NOT_FOUND;
      return { ok: true, user: userRecordFrom(account, (await roles.of([accountId])).get(accountId)) };
    });
}

export type ResetLinkCreated =
  | {
      readonly ok: true;
      readonly url: string;
      /** Milliseconds of UTC. */
      readonly expiresAt: number;
    }
  | NotFound
  | { readonly ok: false; readonly reason: 'disabled' };

export function createUserResetLink({ core, announce }: Pick<UpdateParts, 'core' | 'announce'>) {
  return (id: string, by: By): Promise<ResetLinkCreated> =>
    onAccount<ResetLinkCreated>(core.accounts, id, by, async (account, actor) => {
      if (account.disabledAt !== null) return { ok: false, reason: 'disabled' };
      const { path, expiresAt } = await createResetLink(
        { ...core, now: core.clock(), announce: (event, data) => announce(event, data, actor) },
        account.id,
      );
      return { ok: true, url: core.locations.url(path).href, expiresAt };
    });
}
