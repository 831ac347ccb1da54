import type { FormRefusal } from '../platform/web/csrf.ts';

/** What happened, for those who watch: the log today, notices and the audit trail beside it. No secrets. */
export type Event =
  | { readonly type: 'registered'; readonly accountId: string }
  | { readonly type: 'registration-refused'; readonly reason: RegistrationRefusal }
  | { readonly type: 'invitation-created'; readonly invitationId: string }
  | { readonly type: 'invitation-revoked'; readonly invitationId: string }
  | { readonly type: 'invitation-spent'; readonly accountId: string; readonly invitationId: string }
  | {
      readonly type: 'signed-in';
      readonly accountId: string;
      readonly sessionId: string;
      readonly method: string;
    }
  | { readonly type: 'sign-in-refused'; readonly accountId: string | null; readonly reason: SignInRefusal }
  /** Who somebody is was proven, and a step stands between that and a session. */
  | {
      readonly type: 'sign-in-waits';
      readonly accountId: string;
      readonly method: string;
      readonly step: string;
    }
  | { readonly type: 'signed-out'; readonly accountId: string; readonly sessionId: string }
  /**
   * A session ended another one of its account: its owner did it, or by beginning it the account had too many. `endedBy` is
   * the one that did.
   */
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
  /** The site that the session began with has said that the person signed out there. */
  | {
      readonly type: 'session-ended-by-provider';
      readonly accountId: string;
      readonly sessionId: string;
      readonly provider: string;
    }
  /** Somebody showed a token that was replaced long ago, so two hold one session: it is ended. */
  | { readonly type: 'session-stolen'; readonly accountId: string; readonly sessionId: string }
  /** The person proved anew who they are, for something sensitive. */
  | { readonly type: 'identity-confirmed'; readonly accountId: string; readonly sessionId: string }
  | { readonly type: 'identity-not-confirmed'; readonly accountId: string; readonly sessionId: string }
  /** `sessionId` is where it was changed; null at a step of a sign-in, before there is a session. */
  | { readonly type: 'password-changed'; readonly accountId: string; readonly sessionId: string | null }
  /** A mail goes out with which a new password can be chosen. */
  | { readonly type: 'password-reset-requested'; readonly accountId: string }
  | {
      readonly type: 'password-reset-refused';
      readonly accountId: string | null;
      readonly reason: MailRefusal;
    }
  /** A mail goes out with which its owner can sign in. */
  | { readonly type: 'sign-in-link-requested'; readonly accountId: string }
  | {
      readonly type: 'sign-in-link-refused';
      readonly accountId: string | null;
      readonly reason: MailRefusal;
    }
  /** The owner says that a sign-in was somebody else's: every session was ended, and the password disabled. */
  | { readonly type: 'sign-in-disowned'; readonly accountId: string }
  /** Whoever runs the site has made a link for the owner. */
  | { readonly type: 'password-reset-link-created'; readonly accountId: string }
  /** A new password was chosen without the old one; every session was ended. */
  | { readonly type: 'password-reset'; readonly accountId: string }
  /** Whether a password is known to be stolen could not be found out, or not be noted; it was taken as if it were not. */
  | { readonly type: 'breach-check-failed'; readonly reason: string }
  /** Its owner has shown that the address is theirs, by a link or a code. */
  | { readonly type: 'address-confirmed'; readonly accountId: string }
  | {
      readonly type: 'address-not-confirmed';
      readonly accountId: string;
      readonly reason: 'wrong-password' | 'wrong-code';
    }
  /** A mail was sent to an address that the owner wants to have. */
  | { readonly type: 'address-change-requested'; readonly accountId: string }
  | { readonly type: 'address-changed'; readonly accountId: string }
  /** Whoever has the old address took the change back; every session was ended, and the password disabled. */
  | { readonly type: 'address-change-undone'; readonly accountId: string }
  /** Somebody was at a provider to sign in, and it came to nothing; `code` says more, for whoever runs the site. */
  | {
      readonly type: 'provider-failed';
      readonly provider: string;
      readonly reason: ProviderFailure;
      readonly code: string | null;
      /** The words of the provider, or of a client that speaks for it: shortened, for the log alone. */
      readonly providerSaid?: string;
    }
  | { readonly type: 'identity-linked'; readonly accountId: string; readonly provider: string }
  | { readonly type: 'identity-unlinked'; readonly accountId: string; readonly provider: string }
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
  | { readonly type: 'request-refused'; readonly reason: FormRefusal | 'stale-form' }
  /** A request named another host than that of `BASE_URL`: `seen` is what it named. */
  | {
      readonly type: 'request-refused';
      readonly reason: 'wrong-host';
      readonly seen: string;
      readonly expected: string;
    }
  /** Too many attempts; `isRepeated` when the same wait was told before, as in a flood. */
  | {
      readonly type: 'throttled';
      readonly policy: string;
      readonly accountId: string | null;
      readonly isRepeated: boolean;
    }
  /** Too many wrong passwords in a row: it works no more in browsers that the account does not know, until it is reset. */
  | { readonly type: 'password-disabled'; readonly accountId: string };

/** `robot`: a field was filled in that users do not see; the form came back without it. */
export type RegistrationRefusal =
  | 'closed'
  | 'not-invited'
  | 'invitation-gone'
  | 'robot'
  | 'invalid-fields'
  | 'username-taken'
  | 'email-taken';

/** Why somebody who asked for a mail gets none. */
export type MailRefusal = 'unknown-account' | 'no-address' | 'address-unconfirmed' | 'account-unusable';

/** Which mail it is, without its address. */
type AboutMail = { readonly mailId: string; readonly message: string; readonly accountId: string | null };

/**
 * `expired`: nobody was waiting for this answer, or no longer. `cancelled`: the person changed their mind there.
 * `refused`: the provider said no. `unavailable`: it did not answer. `invalid`: its answer proves nothing.
 * `not-admitted`: the person is none of those whom the settings let in. `unknown`: nobody here has that identity, and no account is made for it.
 */
export type ProviderFailure =
  | 'expired'
  | 'cancelled'
  | 'refused'
  | 'unavailable'
  | 'invalid'
  | 'not-admitted'
  | 'unknown';

export type SignInRefusal =
  | 'unknown-account'
  | 'wrong-credential'
  | 'wrong-code'
  | 'credential-changed'
  | 'account-unusable'
  | 'password-too-long'
  /** The hash was made with a `PASSWORD_PEPPER` that this server does not have. */
  | 'pepper-lost'
  /** Too many wrong ones in a row came before; nothing was compared. */
  | 'password-disabled';

/** Where an event came from: a request, or work that no request began, such as `user disable` or `retention`. */
export type Origin =
  | {
      readonly requestId: string;
      readonly address: string;
      /** The browser, as it calls itself. */
      readonly userAgent: string;
    }
  | { readonly work: string };

/** Whether an event was told before, so that a record of it would be filled by whoever floods. */
export function isRepetition(event: Event): boolean {
  return event.type === 'throttled' && event.isRepeated;
}

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
