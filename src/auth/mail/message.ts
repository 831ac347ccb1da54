/** A page of this site, with its query. Mail makes a link of it by way of `BASE_URL` and of nothing else (A28). */
export type PagePath = `/${string}`;

/**
 * When something was done, and from where, in words. Null stands for what is not known, and for all of it where whoever
 * runs the site did it.
 */
export type Occasion = {
  /** Milliseconds of UTC. */
  readonly at: number;
  /** Such as “Firefox on Linux”. Never what a browser calls itself: its sender chooses that. */
  readonly browser: string | null;
  /** Such as “Berlin, Germany”. */
  readonly place: string | null;
  readonly address: string | null;
};

/** Something that proves who somebody is. */
export type Credential = 'passkey' | 'authenticator' | 'recovery-codes' | 'security-key' | 'connection';

/**
 * Every mail there is, with what it is about. Times are milliseconds of UTC. A mail to an address that nobody has proven
 * yet names no account: whoever registers chooses its name, and could send a line of their own to anybody.
 */
export type MailMessage =
  | {
      readonly name: 'confirm-address';
      readonly page: PagePath;
      /** Eight digits, for those who read mail elsewhere. */
      readonly code: string;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  | {
      readonly name: 'reset-password';
      /** Null where the address is not proven yet. */
      readonly username: string | null;
      readonly page: PagePath;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  | {
      readonly name: 'address-change-confirm';
      readonly page: PagePath;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  /** Goes to the owner of an address that somebody wants for another account. */
  | Notice<'address-wanted'>
  /** Goes to the old address; the page undoes the change. */
  | {
      readonly name: 'address-change-notice';
      readonly username: string;
      readonly page: PagePath;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  /** In this notice and those below, the page is where to go if it was somebody else. */
  | (Notice<'password-changed'> & {
      /** What still signs in to the account without a password, and what was disconnected by the change. */
      readonly otherWays: readonly string[];
      readonly disconnected: readonly string[];
    })
  /** The page is where to choose another one. */
  | (Notice<'password-disabled'> & { readonly expiresAt: number })
  | Notice<'address-changed'>
  | (Notice<'signed-in-from-new-device'> & { readonly expiresAt: number })
  | Notice<'session-ended-after-theft'>
  | { readonly name: 'account-disabled'; readonly username: string; readonly occasion: Occasion }
  /** The page is where to sign in, which keeps the account. */
  | (Notice<'account-deletion-requested'> & { readonly deleteAt: number })
  /** Its outbox entry must belong to no account, or it goes with this one. */
  | { readonly name: 'account-deleted'; readonly username: string; readonly occasion: Occasion }
  /** Goes to the owner of an address with which somebody tried to register. */
  | (Notice<'registration-attempted'> & { readonly resetPage: PagePath })
  | {
      readonly name: 'magic-link';
      readonly username: string;
      readonly page: PagePath;
      /** For the browser that asked. */
      readonly code: string;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  | {
      readonly name: 'identity-code';
      readonly username: string;
      /** For the session that asked. */
      readonly code: string;
      readonly expiresAt: number;
      readonly occasion: Occasion;
    }
  | { readonly name: 'invitation'; readonly page: PagePath; readonly expiresAt: number }
  | (Notice<'credential-changed'> & {
      readonly change: 'added' | 'removed';
      readonly credential: Credential;
      /** What it is called, such as the name of a provider or of a passkey. */
      readonly label: string | null;
    })
  /** Sent by `latchkey mail test`. */
  | { readonly name: 'test'; readonly occasion: Occasion };

type Notice<Name extends string> = {
  readonly name: Name;
  readonly username: string;
  readonly page: PagePath;
  readonly occasion: Occasion;
};

export type MailName = MailMessage['name'];
