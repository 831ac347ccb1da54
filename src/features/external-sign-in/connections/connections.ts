import type { Core } from '../../../auth/core.ts';
import { messages } from '../../../auth/pages/messages.ts';
import { paths } from '../../../auth/paths.ts';
import { bytesToId } from '../../../platform/text/uuid.ts';
import type { SignedInContext, Submission } from '../../../platform/web/context.ts';
import type { Passwords } from '../../passwords/index.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { identitiesOf } from '../store.ts';
import { startConnecting } from './connecting.ts';
import { disconnect } from './disconnecting.ts';
import { connectionsBody } from './pages.ts';

export type ConnectionParts = {
  readonly passwords: Passwords;
  readonly clients: readonly ProviderClient[];
};

/** GET /account/connections: the sites that somebody can sign in with, and those that they might. */
export function showConnections(core: Core, { passwords, clients }: ConnectionParts) {
  const providers = clients.map(({ provider }) => provider);
  return async (context: SignedInContext) => {
    const { user } = context.signedIn;
    const rows = await identitiesOf(core.database.queries, user.id);
    const hasPassword = (await passwords.version(user.id)) !== null;
    const body = connectionsBody({
      csrf: core.pages.csrfToken(context),
      connections: rows.map((row) => ({
        id: bytesToId(row.id),
        label:
          providers.find(({ name }) => name === row.provider)?.label ??
          messages.externalSignIn.connections.gone(row.provider),
        handle: row.handle,
        connectedAt: row.created_at,
        lastUsedAt: row.last_used_at,
      })),
      isOnlyWayIn: !hasPassword && rows.length === 1,
      providers,
      now: core.clock(),
    });
    const { title } = messages.externalSignIn.connections;
    return core.pages.show(context, 200, { title, body, width: 'wide' });
  };
}

/** POST /account/connections: connects a site, or disconnects one; the button says which. */
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
