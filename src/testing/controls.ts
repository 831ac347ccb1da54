import type { User } from '../library/user.ts';
import type { SignInOptions, TestSession } from './browser-session.ts';
import type { TestMails } from './mails.ts';
import type { NewTestUser, TestUser } from './users.ts';

/** What a test controls of a login system, wherever that runs. */
export type TestControls<Role extends string = string> = AsyncDisposable & {
  /** Creates a user, and signs them in. Rejects if the registration form would refuse the user. */
  user(wanted?: NewTestUser<Role>): Promise<TestUser<Role>>;
  /** Signs a user in, in another browser. */
  signIn(user: Pick<User, 'id'>, options?: SignInOptions): Promise<TestSession<Role>>;
  readonly mails: TestMails;
  /**
   * Deletes all users, sessions, mails and counted attempts, and sets the clock back; of a server in another process, only
   * the users that this test has created.
   */
  reset(): Promise<void>;
  close(): Promise<void>;
};
