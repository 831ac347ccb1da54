import type { ListedSession } from '../auth/sessions/sessions.ts';
import { passwordsService } from '../features/passwords/index.ts';
import { nameRules } from '../features/registration/index.ts';
import { rolesService } from '../features/roles/index.ts';
import type { System } from '../latchkey.ts';
import { announceBy, type By } from './user-actor.ts';
import { createUserChanges, type SignedOut, type StateChanged, type UserDeleted } from './user-changes.ts';
import { createUserCreation, type NewUser, type UserCreated } from './user-creation.ts';
import {
  createUserFactors,
  type FactorsRemoved,
  type FactorsReset,
  type UserFactor,
} from './user-factors.ts';
import type { UserPage, UserQuery } from './user-list.ts';
import { createUserReading, type Who } from './user-reading.ts';
import type { UserRecord } from './user-record.ts';
import {
  createUserResetLink,
  createUserUpdate,
  type ResetLinkCreated,
  type UserUpdate,
  type UserUpdated,
} from './user-update.ts';

export type { RoleChange } from '../features/roles/index.ts';
export type { By } from './user-actor.ts';
export type { SignedOut, StateChanged, UserDeleted } from './user-changes.ts';
export type { NewUser, NewUserProblem, UserCreated } from './user-creation.ts';
export type { FactorsRemoved, FactorsReset, UserFactor } from './user-factors.ts';
export type { UserPage, UserQuery } from './user-list.ts';
export type { UserRecord, UserState } from './user-record.ts';
export type { ResetLinkCreated, UserUpdate, UserUpdated } from './user-update.ts';

/** A session of a user, with the browser as it presents itself. */
export type UserSession<Role extends string = string> = Omit<ListedSession<Role>, 'id'> & {
  readonly id: string;
};

/**
 * The users, for the application. Every change names its actor (`by`), which is recorded in the audit log. An unknown or
 * malformed id gives null, or `not-found`.
 */
export type Users<Role extends string = string> = {
  get(id: string): Promise<UserRecord<Role> | null>;
  find(who: Who): Promise<UserRecord<Role> | null>;
  /** Lists users page by page; `search` is the beginning of a username or an address. */
  list(query?: UserQuery<Role>): Promise<UserPage<Role>>;
  /** Creates a user by the rules of the registration form. */
  create(user: NewUser<Role>): Promise<UserCreated<Role>>;
  /** Changes a user. Roles are effective at the next request. */
  update(id: string, change: UserUpdate<Role>): Promise<UserUpdated<Role>>;
  /** Refuses sign-ins, ends every session from the next request on, voids what gives access, and notifies the owner. */
  disable(id: string, by: By): Promise<StateChanged>;
  /** Lets the owner of a disabled account sign in again. */
  enable(id: string, by: By): Promise<StateChanged>;
  /** Deletes an account with all its data, at once, and notifies its owner. A foreign key of the application may refuse. */
  delete(id: string, by: By): Promise<UserDeleted>;
  /** Ends every session and API token of a user. */
  signOut(id: string, by: By): Promise<SignedOut>;
  /** The sessions of a user, the one used last first. */
  sessions(id: string): Promise<readonly UserSession<Role>[]>;
  /** A link with which the owner chooses a new password. It works once, for a day, and instead of earlier ones. */
  resetLink(id: string, by: By): Promise<ResetLinkCreated>;
  /** The second factors of a user. */
  factors(id: string): Promise<readonly UserFactor[]>;
  /** Removes all second factors of a user who has lost them, ends every session, and notifies the owner. */
  resetFactors(id: string, reset: FactorsReset): Promise<FactorsRemoved>;
};

/**
 * @param ready settles when the database may be used; until then, every call waits
 * @param work what the audit log calls the cause of changes
 */
export function createUsers(system: System, ready: Promise<void>, work = 'application'): Users {
  const { core, use } = system;
  const { accounts, lifecycle, clock } = core;
  const announce = announceBy(core, work);
  const roles = use(rolesService);
  const reading = createUserReading({ ...core, roles });
  const changes = createUserChanges({ accounts, lifecycle, clock, announce });
  const services = { passwords: use(passwordsService), names: use(nameRules), roles };
  const create = createUserCreation({ core, announce, ...services });
  const update = createUserUpdate({ core, roles, announce });
  const resetLink = createUserResetLink({ core, announce });
  const factors = createUserFactors({ core, announce });
  const whenReady =
    <Given extends readonly unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      await ready;
      return work(...given);
    };
  return {
    get: whenReady(reading.get),
    find: whenReady(reading.find),
    list: whenReady(reading.list),
    create: whenReady(create),
    update: whenReady(update),
    disable: whenReady(changes.disable),
    enable: whenReady(changes.enable),
    delete: whenReady(changes.delete),
    signOut: whenReady(changes.signOut),
    sessions: whenReady(reading.sessions),
    resetLink: whenReady(resetLink),
    factors: whenReady(factors.factors),
    resetFactors: whenReady(factors.resetFactors),
  };
}
