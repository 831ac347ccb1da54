import type { PersonalData } from '../../auth/feature.ts';
import type { Database } from '../../auth/schema.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { bytesToId } from '../../platform/text/index.ts';
import { listFederatedLogins } from './store/federated-logins.ts';
import { identitiesOf } from './store/identities.ts';

const ACCOUNT = 'it is the id of the account';

/** The linked identities of an account. */
export function connectionData({ queries }: Database): PersonalData {
  return {
    name: 'connections',
    table: 'external_identities',
    leftOut: { account_id: ACCOUNT },
    read: async (accountId) =>
      (await identitiesOf(queries, accountId)).map((row) => ({
        id: bytesToId(row.id),
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        handle: row.handle,
        verifiedEmail: row.verified_email_key,
        createdAt: isoTime(row.created_at),
        lastUsedAt: isoTime(row.last_used_at),
      })),
  };
}

/** The federated logins of sessions that have not ended. */
export function federatedLoginData({ queries }: Database): PersonalData {
  return {
    name: 'connectedSignIns',
    table: 'external_sign_ins',
    leftOut: {
      account_id: ACCOUNT,
      sid_hash: 'it stands for a session at the other site, in a form that is of no use to read',
      kept: 'it is what the other site has given to this one, to be shown to nobody but that site',
    },
    read: async (accountId) =>
      (await listFederatedLogins(queries, accountId)).map((row) => ({
        id: bytesToId(row.id),
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        authenticatedAt: isoTime(row.authenticated_at),
        roles: row.roles,
        sessionId: row.session_id === null ? null : bytesToId(row.session_id),
        createdAt: isoTime(row.created_at),
        expiresAt: isoTime(row.expires_at),
      })),
  };
}
