import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { SignedInContext, Submission } from '../../../auth/request-context.ts';
import { bytesToId } from '../../../platform/text/index.ts';
import type { Passwords } from '../../passwords/index.ts';
import type { ProviderClient } from '../client/provider-client.ts';
import { connectionsBody } from '../pages.ts';
import { identitiesOf } from '../store/identities.ts';
import { externalSignInWords } from '../words.ts';
import { disconnect, startConnecting } from './linking.ts';

export type ConnectionParts = {
  readonly passwords: Passwords;
  readonly clients: readonly ProviderClient[];
};

/** GET /account/connections: the linked providers, and those that can be linked. */
export function showConnections(core: Core, { passwords, clients }: ConnectionParts) {
  const providers = clients.map(({ provider }) => provider);
  return async (context: SignedInContext) => {
    const { user } = context.signedIn;
    const rows = await identitiesOf(core.database.queries, user.id);
    const hasPassword = (await passwords.version(user.id)) !== null;
    const { title, gone } = externalSignInWords.connections;
    const body = connectionsBody({
      csrf: core.pages.csrfToken(context),
      connections: rows.map((row) => ({
        id: bytesToId(row.id),
        label: providers.find(({ name }) => name === row.provider)?.label ?? gone(row.provider),
        handle: row.handle,
        connectedAt: row.created_at,
        lastUsedAt: row.last_used_at,
      })),
      isOnlyMethod: !hasPassword && rows.length === 1,
      providers,
      now: core.clock(),
    });
    return core.pages.show(context, 200, { title, body, width: 'wide' });
  };
}

/** POST /account/connections: links or unlinks the provider that the button names. */
export function changeConnections(core: Core, { passwords, clients }: ConnectionParts) {
  const providers = clients.map(({ provider }) => provider);
  return async (submission: Submission<SignedInContext>) => {
    const { context, form } = submission;
    const chosen = form.text('connect');
    const client = clients.find(({ provider }) => provider.name === chosen);
    if (client !== undefined) return startConnecting(core, client, submission);
    const identityId = form.text('disconnect');
    core.pages.flash(context, await disconnect(core, passwords, providers, context, identityId));
    return core.pages.redirect(paths.connections);
  };
}
