import type { Generated, Kysely, Transaction } from 'kysely';

/**
 * The whole schema on one page. Each table has one owner, whose `store.ts` (core: the module named here) alone
 * holds its SQL. Ids are UUIDs in 16 bytes, hashes 32 bytes, times milliseconds of UTC.
 */
export type Schema = {
  /** auth/accounts */
  accounts: {
    id: Uint8Array;
    /** As typed, for people to see. */
    username: string;
    /** The canonical form, by which it is unique. */
    username_key: string;
    /** Where mail goes, as stored; null when the person gave none. */
    email: string | null;
    email_key: string | null;
    email_verified_at: number | null;
    created_at: number;
    disabled_at: number | null;
    /** When the account is to be deleted, as its owner asked; nobody is signed in until then. */
    delete_at: number | null;
    /** When it was recovered from somebody else: browsers that were known until then are new ones again. */
    devices_forgotten_at: number | null;
  };
  /** features/passwords */
  passwords: {
    account_id: Uint8Array;
    /** PHC string: scheme, parameters, salt and hash. */
    hash: string;
    changed_at: number;
    /** Wrong passwords since the last right one. */
    consecutive_failures: Generated<number>;
    /** When it was found among stolen ones. One from before it was set was about another password. */
    found_breached_at: number | null;
    /** When its owner was told that too many wrong ones in a row had disabled it; null while it works. */
    disabled_at: number | null;
  };
  /** auth/sessions/store.ts */
  sessions: {
    id: Uint8Array;
    /** The HMAC of the current token, the account, `created_at` and `expires_at`, under a key derived from `SECRET_KEY`. */
    token_hash: Uint8Array;
    token_issued_at: number;
    /** Of the token that the current one replaced. */
    previous_token_hash: Uint8Array | null;
    previous_issued_at: number | null;
    /** Until when the replaced token still works; null when it died at once. */
    previous_until: number | null;
    /** With the replaced token it gives the current one again; 16 bytes. */
    successor_salt: Uint8Array | null;
    account_id: Uint8Array;
    /** How the person signed in, such as `password`. */
    method: string;
    /** 1 when the person chose to stay signed in, else 0. */
    is_remembered: number;
    /** When the user last authenticated actively; null where nothing shows that. */
    proven_at: number | null;
    /** By what: `password`, `provider` or `mail`; null likewise. */
    proven_by: string | null;
    created_at: number;
    last_seen_at: number;
    expires_at: number;
    /** When somebody showed a token long replaced; the session is dead, and its owner is to be told. */
    stolen_at: number | null;
    /** As the browser called itself at sign-in. */
    user_agent: string;
    /** Where it was used from last. */
    address: string;
    /** What a provider has said that the person may be here, separated by spaces; null without any. */
    roles: string | null;
  };
  /** auth/one-time-tokens/store.ts */
  one_time_tokens: {
    token_hash: Uint8Array;
    /** What it is for, such as `invitation`. */
    purpose: string;
    /** Whose it is; null where it is about no account. */
    account_id: Uint8Array | null;
    /** What exactly it is about, as its purpose writes it. */
    data: string;
    issued_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
  /** platform/audit-log/store.ts */
  audit_events: {
    /** From 1 on and without gaps, over all nodes. */
    sequence: number;
    happened_at: number;
    /** What happened, such as `signed-in`. */
    type: string;
    /** `success` or `failure`. */
    outcome: string;
    /** Whom it is about. It refers to nothing, so that the record outlives the account. */
    account_id: Uint8Array | null;
    session_id: Uint8Array | null;
    request_id: string | null;
    address: string | null;
    user_agent: string | null;
    /** What did it, where no request did, such as `user disable`. */
    work: string | null;
    /** The rest of the event, as JSON. */
    details: string;
    /** Which key made the MAC. */
    key_id: string;
    /** Of the record before. */
    previous_mac: Uint8Array;
    mac: Uint8Array;
  };
  /** platform/audit-log/store.ts */
  audit_ends: {
    /** `last` is the newest record; `first` the one that the oldest follows, where retention has cut. */
    name: string;
    sequence: number;
    mac: Uint8Array;
    key_id: string;
    /** The MAC of this row. */
    seal: Uint8Array;
  };
  /** auth/sign-in-steps/store.ts */
  pending_sign_ins: {
    /** Of the token in the browser's cookie. */
    token_hash: Uint8Array;
    account_id: Uint8Array;
    /** How the person proved who they are, such as `password`. */
    method: string;
    /** What the proof named, such as the version of the password at that time. */
    credential: string;
    /** 1 when the person chose to stay signed in, else 0. */
    is_remembered: number;
    /** Where the person wants to go; a path of ours. */
    next_path: string | null;
    /** What the proof told besides, as a JSON array of words. */
    facts: string;
    /** As in a session. */
    proven_at: number | null;
    proven_by: string | null;
    created_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
  /** platform/web/repeats/store.ts */
  repeatable_requests: {
    /** The HMAC of all that the request brought. */
    request_hash: Uint8Array;
    /** Which of several equal requests does its work. */
    claim: Uint8Array;
    /** Of what only its browser shows. */
    browser_hash: Uint8Array;
    /** What came of it, sealed; null while it is being done. */
    outcome: Uint8Array | null;
    expires_at: number;
  };
  /** features/external-sign-in */
  external_identities: {
    id: Uint8Array;
    account_id: Uint8Array;
    /** The name of the provider in the settings, such as `google`. */
    provider: string;
    /** Together with the subject it is who somebody is; an address never is. */
    issuer: string;
    subject: string;
    /** What its owner knows it by, such as an address, for them to see. */
    handle: string | null;
    /** The address that a provider which is trusted with addresses has verified, as `accounts.email_key`. */
    verified_email_key: string | null;
    created_at: number;
    last_used_at: number | null;
  };
  /** features/external-sign-in/vouched */
  external_sign_ins: {
    /** When the user authenticated at the provider; null where that is not known. */
    authenticated_at: number | null;
    id: Uint8Array;
    provider: string;
    issuer: string;
    subject: string;
    /** Of the name that the provider has for its own session (`sid`), by which it ends ours. */
    sid_hash: Uint8Array | null;
    /** What the claims say that the person may be here, in a session that begins with them. */
    roles: string | null;
    /** Sealed: what was said to us and may be needed once more, where the settings ask for that. */
    kept: Uint8Array | null;
    /** Whose session began with it, and which; null until it has. */
    account_id: Uint8Array | null;
    session_id: Uint8Array | null;
    created_at: number;
    expires_at: number;
  };
  /** features/external-sign-in/tokens */
  external_tokens: {
    identity_id: Uint8Array;
    /** Sealed. */
    tokens: Uint8Array;
    /** When the access token runs out; null where the provider does not say. */
    expires_at: number | null;
    /** Grows with each refresh, so that of several at once one is kept. */
    version: number;
    /** Until when a node is at refreshing them. */
    refreshing_until: number | null;
    updated_at: number;
  };
  /** features/external-sign-in */
  external_transactions: {
    /** Of the state that goes to the provider and comes back. */
    state_hash: Uint8Array;
    /** Of the token in the cookie of the browser that began. */
    browser_hash: Uint8Array;
    provider: string;
    /** What it was begun for, such as `link`. */
    intent: string;
    /** Where it was begun by somebody signed in; it is good in that session alone. */
    session_id: Uint8Array | null;
    /** Where the person wants to go; a path of ours. */
    next_path: string | null;
    created_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
  /** platform/sql/leases.ts */
  leases: {
    /** The work that one node at a time does. */
    name: string;
    /** Made by each node for itself. */
    holder: Uint8Array;
    expires_at: number;
  };
  /** platform/rate-limit/counters/database-counters.ts */
  counters: {
    key_hash: Uint8Array;
    count: number;
    /** When it is forgotten. */
    expires_at: number;
    /** Until when a back-off lets no more in. */
    blocked_until: Generated<number>;
  };
  /** platform/mail/store.ts */
  mail_outbox: {
    id: Uint8Array;
    /** Whose mail goes with the account; null for what has to arrive all the same. */
    account_id: Uint8Array | null;
    recipient: string;
    /** Which mail it is, such as `password-changed`. */
    message: string;
    /** Subject, text and HTML, encrypted: links in them carry tokens. */
    sealed: Uint8Array;
    created_at: number;
    /** How often it was handed to a server that answered, or that broke off while it had it. */
    attempts: number;
    /** When a node may take it: its next attempt, or when the lease of the node that has it runs out. */
    due_at: number | null;
    /** Made anew by each node that takes it. */
    lease: Uint8Array | null;
    /** What the server said last, or why it was not reached. */
    answer: string | null;
    /** When it was put into the mailbox of development, where no server is. */
    shown_at: number | null;
    /** When it was given up. */
    failed_at: number | null;
  };
  /** platform/sql/applied-steps.ts */
  schema_migrations: {
    number: number;
    name: string;
    applied_at: number;
  };
};

/** What a statement runs on: the database, or a transaction on it. */
export type Queries = Kysely<Schema> | Transaction<Schema>;
