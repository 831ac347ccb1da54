import type { Schema } from '../../src/core/database/schema.ts';

/** A row of a session that has not been rotated; what a test does not care about has some value. */
export function sessionRow(
  own: Pick<Schema['sessions'], 'id' | 'token_hash' | 'account_id'> & Partial<Schema['sessions']>,
  now: number,
): Schema['sessions'] {
  return {
    token_issued_at: now,
    previous_token_hash: null,
    previous_issued_at: null,
    previous_until: null,
    successor_salt: null,
    method: 'password',
    is_remembered: 0,
    proven_at: now,
    created_at: now,
    last_seen_at: now,
    expires_at: now + 3_600_000,
    stolen_at: null,
    user_agent: '',
    address: '127.0.0.1',
    roles: null,
    ...own,
  };
}
