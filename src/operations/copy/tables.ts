export type ColumnKind = 'bytes' | 'text' | 'number';

/** A table as a copy has to know it. */
export type Table = {
  readonly name: string;
  /** The one column of its primary key. It is of bytes, a number or identifying text, which sort alike everywhere. */
  readonly key: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Why a copy leaves the table out, where it does. */
  readonly leftOut?: string;
};

/** Every table of the schema, each one after those that its foreign keys name. */
const described: Readonly<Record<string, Omit<Table, 'name'>>> = {
  accounts: {
    key: 'id',
    columns: {
      id: 'bytes',
      username: 'text',
      username_key: 'text',
      email: 'text',
      email_key: 'text',
      email_verified_at: 'number',
      created_at: 'number',
      disabled_at: 'number',
      delete_at: 'number',
      devices_forgotten_at: 'number',
    },
  },
  passwords: {
    key: 'account_id',
    columns: {
      account_id: 'bytes',
      hash: 'text',
      changed_at: 'number',
      consecutive_failures: 'number',
      found_breached_at: 'number',
      disabled_at: 'number',
    },
  },
  sessions: {
    key: 'id',
    columns: {
      id: 'bytes',
      token_hash: 'bytes',
      token_issued_at: 'number',
      previous_token_hash: 'bytes',
      previous_issued_at: 'number',
      previous_until: 'number',
      successor_salt: 'bytes',
      account_id: 'bytes',
      method: 'text',
      is_remembered: 'number',
      proven_at: 'number',
      proven_by: 'text',
      created_at: 'number',
      last_seen_at: 'number',
      expires_at: 'number',
      stolen_at: 'number',
      user_agent: 'text',
      address: 'text',
      roles: 'text',
    },
  },
  one_time_tokens: {
    key: 'token_hash',
    columns: {
      token_hash: 'bytes',
      purpose: 'text',
      account_id: 'bytes',
      data: 'text',
      issued_at: 'number',
      expires_at: 'number',
      seal: 'bytes',
    },
  },
  pending_sign_ins: {
    key: 'token_hash',
    columns: {
      token_hash: 'bytes',
      account_id: 'bytes',
      method: 'text',
      credential: 'text',
      is_remembered: 'number',
      next_path: 'text',
      facts: 'text',
      proven_at: 'number',
      proven_by: 'text',
      created_at: 'number',
      expires_at: 'number',
      seal: 'bytes',
    },
    leftOut: 'whoever is signing in at this moment does so anew',
  },
  repeatable_requests: {
    key: 'request_hash',
    columns: {
      request_hash: 'bytes',
      claim: 'bytes',
      browser_hash: 'bytes',
      outcome: 'bytes',
      expires_at: 'number',
    },
    leftOut: 'they serve half a minute',
  },
  external_identities: {
    key: 'id',
    columns: {
      id: 'bytes',
      account_id: 'bytes',
      provider: 'text',
      issuer: 'text',
      subject: 'text',
      handle: 'text',
      verified_email_key: 'text',
      created_at: 'number',
      last_used_at: 'number',
    },
  },
  external_sign_ins: {
    key: 'id',
    columns: {
      id: 'bytes',
      provider: 'text',
      issuer: 'text',
      subject: 'text',
      sid_hash: 'bytes',
      authenticated_at: 'number',
      roles: 'text',
      kept: 'bytes',
      account_id: 'bytes',
      session_id: 'bytes',
      created_at: 'number',
      expires_at: 'number',
    },
  },
  external_tokens: {
    key: 'identity_id',
    columns: {
      identity_id: 'bytes',
      tokens: 'bytes',
      expires_at: 'number',
      version: 'number',
      refreshing_until: 'number',
      updated_at: 'number',
    },
  },
  external_transactions: {
    key: 'state_hash',
    columns: {
      state_hash: 'bytes',
      browser_hash: 'bytes',
      provider: 'text',
      intent: 'text',
      session_id: 'bytes',
      next_path: 'text',
      created_at: 'number',
      expires_at: 'number',
      seal: 'bytes',
    },
    leftOut: 'whoever is at a provider at this moment begins anew',
  },
  mail_outbox: {
    key: 'id',
    columns: {
      id: 'bytes',
      account_id: 'bytes',
      recipient: 'text',
      message: 'text',
      sealed: 'bytes',
      created_at: 'number',
      attempts: 'number',
      due_at: 'number',
      lease: 'bytes',
      answer: 'text',
      shown_at: 'number',
      failed_at: 'number',
    },
  },
  counters: {
    key: 'key_hash',
    columns: { key_hash: 'bytes', count: 'number', expires_at: 'number', blocked_until: 'number' },
  },
  audit_events: {
    key: 'sequence',
    columns: {
      sequence: 'number',
      happened_at: 'number',
      type: 'text',
      outcome: 'text',
      account_id: 'bytes',
      session_id: 'bytes',
      request_id: 'text',
      address: 'text',
      user_agent: 'text',
      work: 'text',
      details: 'text',
      key_id: 'text',
      previous_mac: 'bytes',
      mac: 'bytes',
    },
  },
  audit_ends: {
    key: 'name',
    columns: { name: 'text', sequence: 'number', mac: 'bytes', key_id: 'text', seal: 'bytes' },
  },
  leases: {
    key: 'name',
    columns: { name: 'text', holder: 'bytes', expires_at: 'number' },
    leftOut: 'they say which node is at work at this moment',
  },
  schema_migrations: {
    key: 'number',
    columns: { number: 'number', name: 'text', applied_at: 'number' },
    leftOut: 'the target keeps its own',
  },
};

export const tables: readonly Table[] = Object.entries(described).map(([name, table]) => ({
  name,
  ...table,
}));
