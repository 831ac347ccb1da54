export type User = {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When the account was made, in milliseconds of UTC. */
  readonly createdAt: number;
};

/** All times are milliseconds of UTC. */
export type Session = {
  readonly id: string;
  /** How the person signed in, such as `password`. */
  readonly method: string;
  /** Whether the person chose to stay signed in: longer limits, and a cookie that outlives the browser. */
  readonly isRemembered: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** When the person last proved who they are; sensitive actions ask for it anew. */
  readonly provenAt: number;
  /** When the session ends however busy it is. */
  readonly expiresAt: number;
  /**
   * What the site that the person signed in with has said that they may be here, by the names that the settings give.
   * They belong to this session alone; one that began in another way has none.
   */
  readonly roles: readonly string[];
};

export type SignedIn = { readonly user: User; readonly session: Session };

/** Without a request for `idle` a session ends, and `lifetime` after it began in any case; in milliseconds. */
export type Span = { readonly idle: number; readonly lifetime: number };

export type SessionLimits = Span & {
  /** For those who chose to stay signed in. */
  readonly remembered: Span;
  /** How long a token is used before another one takes its place, in milliseconds. */
  readonly rotate: number;
  /** How many sessions an account may have at once. */
  readonly perAccount: number;
};

/** The browser that a session belongs to, as it presents itself; nothing of this is proof. */
export type Device = { readonly userAgent: string; readonly address: string };
