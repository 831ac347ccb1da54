import type { AccountLifecycle } from './account-lifecycle.ts';
import type { Accounts } from './accounts.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters/counters.ts';
import type { Database } from './database/database.ts';
import type { Observer } from './events.ts';
import type { Guard } from './guard.ts';
import type { Answers } from './http/answers.ts';
import type { Cookies } from './http/cookies.ts';
import type { PageAnswers } from './http/page-answers.ts';
import type { Mail } from './mail/outbox.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { CoreSettings } from './settings/resolve.ts';
import type { CompleteSignIn } from './sign-in.ts';

/** What every feature stands on. It is handed over at construction; there is no global state (A60). */
export type Core = {
  readonly settings: CoreSettings;
  readonly clock: Clock;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  readonly counters: Counters;
  readonly sessions: Sessions;
  readonly mail: Mail;
  readonly guard: Guard;
  readonly completeSignIn: CompleteSignIn;
  readonly announce: Observer;
  readonly cookies: Cookies;
  readonly answers: Answers;
  readonly pages: PageAnswers;
};
