import type { AuditTrail } from '../platform/audit-log/index.ts';
import type { CreateRowSeals, Seal } from '../platform/crypto/index.ts';
import type { Announce, EventDefinition } from '../platform/events/index.ts';
import type { Mail } from '../platform/mail/index.ts';
import type { Log, Metrics } from '../platform/observability/index.ts';
import type { Counters, Devices, Throttle } from '../platform/rate-limit/index.ts';
import type { Clock, Pause } from '../platform/runtime/index.ts';
import type { SettingsOf } from '../platform/settings/index.ts';
import type {
  AfterAnswer,
  Answers,
  Assets,
  Cookies,
  Flows,
  FormTimes,
  LinkTokens,
  Locations,
  OneTimeCodes,
  PageAnswers,
  Repeats,
  Site,
} from '../platform/web/index.ts';
import type { Wording } from '../platform/words/index.ts';
import type { AccountLifecycle } from './accounts/account-lifecycle.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { ChangeCredential } from './credential-change.ts';
import type { Guard } from './guard.ts';
import type { AccountId } from './identifiers/ids.ts';
import type { Notices } from './mail/notices.ts';
import type { OneTimeTokens } from './one-time-tokens/one-time-tokens.ts';
import type { TokenKind } from './one-time-tokens/token-definition.ts';
import type { RequestContext } from './request-context.ts';
import type { PendingSignIns } from './required-steps/pending-sign-ins.ts';
import type { Proofs } from './required-steps/proofs.ts';
import type { LinkedCredentials, SignOutRedirect } from './required-steps/sign-in-step.ts';
import type { Database } from './schema.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { CoreSettings } from './settings.ts';
import type { Gate } from './sign-in.ts';
import type { Slots } from './slots.ts';

/** What features depend on. It is passed at construction; there is no global state (A60). */
export type Core = {
  readonly settings: CoreSettings;
  readonly settingsOf: SettingsOf;
  readonly log: Log;
  readonly metrics: Metrics | null;
  readonly files: Assets;
  readonly site: Site;
  /** Where the pages lie, and what comes after them. */
  readonly locations: Locations;
  /** What the features have added; complete once all are composed, so ask at request time. */
  readonly slots: () => Slots;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  readonly counters: Counters;
  readonly sessions: Sessions;
  readonly oneTimeTokens: OneTimeTokens;
  readonly oneTimeCodes: OneTimeCodes;
  readonly flows: Flows;
  readonly linkTokens: LinkTokens<TokenKind>;
  readonly formTimes: FormTimes;
  readonly audit: AuditTrail;
  readonly mail: Mail;
  readonly notices: Notices;
  readonly afterAnswer: AfterAnswer;
  readonly guard: Guard;
  readonly throttle: Throttle;
  readonly devices: Devices<AccountId>;
  readonly completeSignIn: Gate['completeSignIn'];
  readonly continueSignIn: Gate['continueSignIn'];
  readonly changeCredential: ChangeCredential;
  readonly linkedCredentials: LinkedCredentials;
  /** Asks the method that began a session where to redirect after signing out; null for our own page. */
  readonly signOutRedirect: SignOutRedirect;
  /** For the pages of steps. */
  readonly pendingSignIns: Pick<PendingSignIns, 'read' | 'ofAccount' | 'drop'>;
  readonly proofs: Pick<Proofs, 'strongestOf'>;
  /** For tokens of identity providers. */
  readonly providerSeal: Seal;
  /** For what another feature seals. @param purpose has keys of its own */
  readonly sealFor: (purpose: string) => Seal;
  /** For the tables of features whose rows give access. */
  readonly rowSeals: CreateRowSeals;
  /** The second of two equal requests gets the outcome of the first. */
  readonly repeats: Repeats;
  readonly announce: Announce;
  readonly methodLabel: (words: Wording, method: string) => string;
  readonly events: ReadonlyMap<string, EventDefinition>;
  readonly cookies: Cookies;
  readonly answers: Answers;
  readonly pages: PageAnswers<RequestContext>;
};
