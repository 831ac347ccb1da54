import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import { transact } from '../../platform/sql/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { type ApiTokens, events as tokenEvents } from '../api-tokens/index.ts';
import type { DeviceGrants } from './device-grants.ts';

export type GrantParts = { readonly grants: DeviceGrants; readonly apiTokens: ApiTokens };

/** What a device shows when it asks for its token. */
export type Asked = { readonly client: string; readonly deviceCode: string };

export type Issued =
  | {
      readonly ok: true;
      readonly token: string;
      readonly scopes: readonly string[];
      /** In milliseconds. */
      readonly lifetime: number;
    }
  | { readonly ok: false; readonly reason: 'invalid_grant' | 'access_denied' };

/**
 * Spends an allowed request of a device and creates its API token, both or neither. The user’s decision was the change of
 * credentials; a later change that ends other sessions has deleted the request, as both hold the lock of the account.
 */
export async function issueToken(
  core: Core,
  { grants, apiTokens }: GrantParts,
  context: RequestContext,
  { client, deviceCode }: Asked,
): Promise<Issued> {
  const poll = await grants.poll(client, deviceCode);
  if (poll.state !== 'allowed') return { ok: false, reason: 'invalid_grant' };
  const { accountId, row } = poll;
  const scopes = row.scopes === '' ? [] : row.scopes.split(' ');
  const lifetime = apiTokens.longest;
  const made = apiTokens.make({ accountId, name: client, scopes, lifetime }, core.clock());
  const issued = await transact(core.database, async (transaction: Queries) => {
    await core.accounts.lock(transaction, accountId);
    if (!(await grants.spend(transaction, row))) return { ok: false, reason: 'invalid_grant' } as const;
    const inserted = await apiTokens.insertIfUsable(transaction, made);
    return inserted === true ? ({ ok: true } as const) : ({ ok: false, reason: 'access_denied' } as const);
  });
  if (!issued.ok)
    return { ok: false, reason: issued.reason === 'access_denied' ? issued.reason : 'invalid_grant' };
  core.announce(tokenEvents.apiTokenCreated, { accountId, tokenId: made.id }, originOf(context));
  return { ok: true, token: made.token, scopes, lifetime };
}
