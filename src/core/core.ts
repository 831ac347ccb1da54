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
import type { Sessions } from './sessions/sessions.ts';
import type { CoreSettings } from './settings/resolve.ts';
import type { Gate } from './sign-in.ts';
import type { PendingSignIns } from './sign-in-steps/pending-sign-ins.ts';

/** What every feature stands on. It is handed over at construction; there is no global state (A60). */
export type Core = {
  readonly settings: CoreSettings;
  readonly clock: Clock;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  readonly counters: Counters;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly completeSignIn: Gate['completeSignIn'];
  readonly continueSignIn: Gate['continueSignIn'];
  /** For the pages of steps. */
  readonly pendingSignIns: Pick<PendingSignIns, 'read' | 'drop'>;
  readonly announce: Observer;
  readonly cookies: Cookies;
  readonly answers: Answers;
  readonly pages: PageAnswers;
};
