import assert from 'node:assert/strict';
import { type AccountId, accountIds, type SessionId, sessionIds } from '../../src/auth/identifiers/ids.ts';

/** Parses an account id that a test has as a text, such as one of a response. */
export function accountId(text: unknown): AccountId {
  const id = accountIds.parse(String(text));
  assert.ok(id !== null, `${text} is no id`);
  return id;
}

/** The same for a session id. */
export function sessionId(text: unknown): SessionId {
  const id = sessionIds.parse(String(text));
  assert.ok(id !== null, `${text} is no id`);
  return id;
}
