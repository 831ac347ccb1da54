/** What happened, for those who watch: the log today, notices and the audit trail beside it. No secrets. */
export type Event =
  | { readonly type: 'registered'; readonly accountId: string }
  | {
      readonly type: 'signed-in';
      readonly accountId: string;
      readonly sessionId: string;
      readonly method: string;
    }
  | { readonly type: 'sign-in-refused'; readonly accountId: string | null; readonly reason: SignInRefusal }
  | { readonly type: 'signed-out'; readonly accountId: string; readonly sessionId: string }
  /** Somebody ended another of their sessions; `endedBy` is the one that they did it from. */
  | {
      readonly type: 'session-ended';
      readonly accountId: string;
      readonly sessionId: string;
      readonly endedBy: string;
    }
  | {
      readonly type: 'other-sessions-ended';
      readonly accountId: string;
      readonly keptSessionId: string;
      readonly count: number;
    }
  /** Somebody showed a token that was replaced long ago, so two hold one session: it is ended. */
  | { readonly type: 'session-stolen'; readonly accountId: string; readonly sessionId: string }
  /** The person proved anew who they are, for something sensitive. */
  | { readonly type: 'identity-confirmed'; readonly accountId: string; readonly sessionId: string }
  | { readonly type: 'identity-not-confirmed'; readonly accountId: string; readonly sessionId: string }
  | { readonly type: 'password-changed'; readonly accountId: string; readonly sessionId: string }
  | { readonly type: 'account-disabled'; readonly accountId: string }
  | { readonly type: 'account-enabled'; readonly accountId: string }
  /** The owner asked for it; at `deleteAt`, milliseconds of UTC, the account goes. */
  | { readonly type: 'account-deletion-requested'; readonly accountId: string; readonly deleteAt: number }
  /** The owner signed in again in time. */
  | { readonly type: 'account-deletion-cancelled'; readonly accountId: string }
  | { readonly type: 'account-deleted'; readonly accountId: string }
  | { readonly type: 'signed-out-everywhere'; readonly accountId: string; readonly sessions: number }
  | { readonly type: 'data-exported'; readonly accountId: string }
  /** A mail arrived at its server, after so many attempts. */
  | ({ readonly type: 'mail-sent'; readonly attempts: number } & AboutMail)
  /** It is tried again; `code` is the number of the server's reply, or the name of what went wrong. */
  | ({
      readonly type: 'mail-delayed';
      readonly attempts: number;
      readonly code: string | null;
      readonly nextAttemptAt: number;
    } & AboutMail)
  /** It was given up, and is kept for `latchkey mail retry`. */
  | ({ readonly type: 'mail-failed'; readonly attempts: number; readonly code: string | null } & AboutMail)
  | { readonly type: 'request-refused'; readonly reason: 'forged-form' };

/** Which mail it is, without its address. */
type AboutMail = { readonly mailId: string; readonly message: string; readonly accountId: string | null };

export type SignInRefusal =
  | 'unknown-account'
  | 'wrong-credential'
  | 'credential-changed'
  | 'account-unusable'
  | 'password-too-long'
  /** The hash was made with a `PASSWORD_PEPPER` that this server does not have. */
  | 'pepper-lost';

/** Where an event came from: a request, or work that no request began, such as `user disable` or `retention`. */
export type Origin = { readonly requestId: string; readonly address: string } | { readonly work: string };

/** An observer learns of events and cannot alter their outcome. */
export type Observer = (event: Event, origin: Origin) => void;

/** Joins observers into one. An observer that throws hides nothing from the others and stops no request. */
export function announceTo(observers: readonly Observer[], onFailure: (error: unknown) => void): Observer {
  return (event, origin) => {
    for (const observe of observers) {
      try {
        observe(event, origin);
      } catch (error) {
        onFailure(error);
      }
    }
  };
}
