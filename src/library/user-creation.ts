import type { NewAccount } from '../auth/accounts/accounts.ts';
import type { Core } from '../auth/core.ts';
import { events as authEvents } from '../auth/definitions.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { Queries } from '../auth/schema.ts';
import { queueFirstPassword } from '../features/password-reset/index.ts';
import { newPasswordProblem, type Passwords } from '../features/passwords/index.ts';
import {
  emailProblem,
  type NameRules,
  events as registrationEvents,
  usernameProblem,
} from '../features/registration/index.ts';
import { type Roles, events as roleEvents } from '../features/roles/index.ts';
import { parseEmailAddress, parseUsername } from '../platform/text/index.ts';
import { type AnnounceBy, type By, parseActor } from './user-actor.ts';
import { type UserRecord, userRecordFrom } from './user-record.ts';

export type NewUser<Role extends string = string> = By & {
  readonly username: string;
  readonly email?: string;
  /** Whether the application has confirmed the address itself; false by default. */
  readonly emailVerified?: boolean;
  /** Without a password, the owner gets a mail with a link to choose one, if there is an address. */
  readonly password?: string;
  readonly roles?: readonly Role[];
  /** Whether the username may be a reserved one, such as `admin`; false by default. */
  readonly allowReserved?: boolean;
};

export type UserCreated<Role extends string = string> =
  | {
      readonly ok: true;
      readonly user: UserRecord<Role>;
      /** Whether a mail with a link to choose a password is on its way. */
      readonly mailed: boolean;
    }
  | { readonly ok: false; readonly reason: NewUserProblem };

/** The first thing that is wrong, such as `username-taken`, `email-missing` or `password-common`. */
export type NewUserProblem =
  | `username-${NonNullable<ReturnType<typeof usernameProblem>> | 'taken'}`
  | `email-${NonNullable<ReturnType<typeof emailProblem>> | 'taken'}`
  | ReturnType<typeof newPasswordProblem>['reason']
  | 'unknown-role';

export type CreationParts = {
  readonly core: Core;
  readonly passwords: Passwords;
  readonly names: NameRules;
  readonly roles: Roles;
  readonly announce: AnnounceBy;
};

/** Creates accounts by the rules of the registration form for names, addresses and passwords. */
export function createUserCreation(parts: CreationParts) {
  const { core, roles, announce } = parts;
  return async (wanted: NewUser): Promise<UserCreated> => {
    const actor = parseActor(wanted.by);
    const read = await readNewUser(parts, wanted);
    if (!read.ok) return read;
    const { username, email, password } = read;
    const hash = password === null ? null : await parts.passwords.hash(password);
    for (const name of [username.username, ...(email === null ? [] : [email.address])])
      await deleteIfOverdue(parts, name, actor);
    const isMailed = hash === null && email !== null && core.mail.isPossible;
    const created = await insert(parts, { ...read, hash, isMailed, wanted });
    if (!created.ok) return { ok: false, reason: `${created.reason}-taken` };
    const { accountId } = created;
    announce(registrationEvents.registered, { accountId }, actor);
    const { roles: given = [] } = wanted;
    if (given.length > 0) announce(roleEvents.rolesChanged, { accountId, added: given, removed: [] }, actor);
    const account = await core.accounts.read(accountId);
    if (account === null) throw new Error('the account was deleted as soon as it was created');
    const granted = (await roles.of([accountId])).get(accountId);
    return { ok: true, user: userRecordFrom(account, granted), mailed: isMailed };
  };
}

type Read = Pick<NewAccount, 'username' | 'email'> & { readonly password: string | null };

async function readNewUser(
  { core, names, passwords, roles }: CreationParts,
  wanted: NewUser,
): Promise<({ readonly ok: true } & Read) | { readonly ok: false; readonly reason: NewUserProblem }> {
  const username = parseUsername(wanted.username);
  const email = wanted.email === undefined ? null : parseEmailAddress(wanted.email);
  const invitation = { email: null, allowsReserved: wanted.allowReserved === true };
  const wrongName = usernameProblem(username, names, invitation);
  if (wrongName !== null) return { ok: false, reason: `username-${wrongName}` };
  const rules = { ...names, needsEmail: core.settings.email === 'required' };
  const wrongAddress = emailProblem(email, rules, null);
  if (wrongAddress !== null) return { ok: false, reason: `email-${wrongAddress}` };
  if (!roles.areDefined(wanted.roles ?? [])) return { ok: false, reason: 'unknown-role' };
  if (!username.ok || email?.ok === false) throw new TypeError('a refused name has a reason');
  if (wanted.password === undefined) return { ok: true, username, email, password: null };
  const words = [username.username, ...(email === null ? [] : [email.address])];
  const accepted = await passwords.check(wanted.password, words);
  if (!accepted.ok) return { ok: false, reason: newPasswordProblem(accepted.reason).reason };
  return { ok: true, username, email, password: accepted.password };
}

/** An account that was not confirmed in time, or is otherwise overdue, gives its name and address away. */
async function deleteIfOverdue(
  { core, announce }: CreationParts,
  name: string,
  actor: string,
): Promise<void> {
  const accountId = await core.accounts.find(name);
  if (accountId === null || !(await core.lifecycle.deleteIfDue(accountId, core.clock()))) return;
  announce(authEvents.accountDeleted, { accountId }, actor);
}

type Inserted = Read & { readonly hash: string | null; readonly isMailed: boolean; readonly wanted: NewUser };

/** The account, its password, roles and mail, in one transaction. */
function insert(
  { core, passwords, roles }: CreationParts,
  { username, email, hash, isMailed, wanted }: Inserted,
) {
  const occasion = core.notices.occasionOf(null, core.clock());
  const now = occasion.at;
  const isVerified = wanted.emailVerified === true;
  return core.accounts.create(
    { username, email },
    now,
    async (transaction: Queries, accountId: AccountId) => {
      if (hash !== null) await passwords.insert(transaction, accountId, hash, now);
      await roles.insert(transaction, accountId, [...new Set(wanted.roles ?? [])], now);
      if (email === null) return;
      const { address } = email;
      if (isVerified)
        await core.accounts.confirmEmail(transaction, { accountId, address, isKept: true }, now);
      const owner = { accountId, address, username: isVerified ? username.username : null };
      if (isMailed) await queueFirstPassword(core, transaction, owner, occasion);
    },
  );
}
