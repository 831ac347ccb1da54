import { z } from 'zod';
import { type Done, defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { ChangeNotice } from '../../auth/credential-change.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext, Submission } from '../../auth/request-context.ts';
import type { User } from '../../auth/sessions/session.ts';
import { bytesToId, type Id, isId, newId } from '../../platform/text/index.ts';
import type { FlashDefinition } from '../../platform/web/index.ts';
import { type Passwords, passwordsService } from '../passwords/index.ts';
import { goToProvider, reportFailure, requestAuthorization } from './authorization.ts';
import type { ExternalIdentity } from './client/authorization-code.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { changes, emails, flashes } from './definitions.ts';
import { identityProvidersService } from './identity-providers.ts';
import { connectionsView } from './pages.ts';
import { handleOf } from './providers/claims.ts';
import { labelOf, type Provider, trustedAddressOf } from './providers/provider.ts';
import {
  deleteIdentity,
  findIdentity,
  identitiesOf,
  insertIdentity,
  lockIdentity,
} from './store/identities.ts';
import { keepTokens } from './store/tokens.ts';
import { connectionsWords, emailWords } from './words.ts';

const needs = { passwords: passwordsService, identityProviders: identityProvidersService };

const MAX_IDENTITIES = 20;

/** The linked providers, and those that can be linked. */
export const connectionsPage = definePage({
  path: '/account/connections',
  access: 'fresh',
  needs,
  load: (core, { passwords, identityProviders }) => {
    const providers = identityProviders.clients.map(({ provider }) => provider);
    return async ({ signedIn: { user }, words }) => {
      const rows = await identitiesOf(core.database.queries, user.id);
      const hasPassword = (await passwords.version(user.id)) !== null;
      const connections = rows.map((row) => ({
        id: bytesToId(row.id),
        label:
          providers.find(({ name }) => name === row.provider)?.label ??
          words(connectionsWords).notOffered(row.provider),
        handle: row.handle,
        connectedAt: row.created_at,
        lastUsedAt: row.last_used_at,
      }));
      const isOnlyMethod = !hasPassword && rows.length === 1;
      return { connections, isOnlyMethod, providers, now: core.clock() };
    };
  },
  view: connectionsView,
});

/**
 * Links or unlinks the provider that the button names. Linking continues at the provider: API clients get the address of
 * its page.
 */
export const changeConnections = defineAction({
  path: '/account/connections',
  access: 'fresh',
  needs,
  input: z.object({ connect: text(), disconnect: text() }),
  reasons: {
    'address-unconfirmed': {
      status: 409,
      text: (words) => flashes.confirmAddressFirst.text(words, 0),
      instead: { next: paths.confirmAddress, flashes: [flashes.confirmAddressFirst] },
    },
    'provider-unavailable': { status: 503, text: (words) => flashes.providerUnavailable.text(words, 0) },
    'last-sign-in-method': {
      status: 409,
      text: (words) => flashes.lastSignInMethod.text(words, 0),
      instead: { next: '/account/connections', flashes: [flashes.lastSignInMethod] },
    },
  },
  run: (core, { passwords, identityProviders: { clients } }) => {
    const providers = clients.map(({ provider }) => provider);
    return ({ context, form, input }) => {
      const client = clients.find(({ provider }) => provider.name === input.connect);
      return client === undefined
        ? disconnect(core, passwords, providers, context, input.disconnect)
        : startConnecting(core, client, { context, form });
    };
  },
});

/** Redirects a signed-in user to a provider, to link it to the account. */
async function startConnecting(
  core: Core,
  client: ProviderClient,
  submission: Submission<SignedInContext>,
): Promise<Done | Refused<'address-unconfirmed' | 'provider-unavailable'>> {
  const { context } = submission;
  const { user, session } = context.signedIn;
  if (!mayConnect(core, user)) return { ok: false, problems: [{ reason: 'address-unconfirmed' }] };
  const request = { intent: 'connect', sessionId: session.id, next: null, invitation: '' } as const;
  const started = await requestAuthorization(core, client, submission, request);
  if (!started.ok) return started;
  const next = '/account/connections';
  const url = started.result;
  if (!(url instanceof URL)) {
    const instead = { next, flashes: [reportFailure(core, context, client.provider, url)] };
    return { ok: false, problems: [{ reason: 'provider-unavailable' }], instead };
  }
  const draw = () => goToProvider(core, context, client, url);
  return { ok: true, next, draw, data: { authorizationUrl: url.href } };
}

/** Links the identity that the provider has proven, unless another account has it. */
export async function finishConnecting(
  core: Core,
  context: SignedInContext,
  provider: Provider,
  found: ExternalIdentity,
): Promise<Response> {
  core.pages.flash(context, await connect(core, context, provider, found));
  return core.pages.redirect('/account/connections');
}

async function connect(
  core: Core,
  context: SignedInContext,
  provider: Provider,
  found: ExternalIdentity,
): Promise<FlashDefinition> {
  const { user } = context.signedIn;
  if (!mayConnect(core, user)) return flashes.confirmAddressFirst;
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  if (known !== null && known.accountId !== user.id) return flashes.connectedElsewhere;
  if (known !== null)
    return (await renewTokens(core, context, known.id, found))
      ? flashes.connectedAgain
      : flashes.connectedAlready;
  const connected = await addIdentity(core, context, provider, found);
  if (connected.ok) return flashes.connected;
  if (connected.reason === 'too-many') return flashes.connectedTooMany;
  // Another request may just have linked the identity; otherwise the session has ended.
  const isTaken = (await findIdentity(core.database.queries, found.issuer, found.subject)) !== null;
  return isTaken ? flashes.connectedElsewhere : flashes.providerExpired;
}

/** One transaction with the new session token: what ends the session comes before or after it. */
function addIdentity(core: Core, context: SignedInContext, provider: Provider, found: ExternalIdentity) {
  const accountId = context.signedIn.user.id;
  const { issuer, subject, claims, tokens } = found;
  return core.changeCredential(context, changes.providerConnected, {
    accountId,
    apply: async (transaction, { at: now }) => {
      // The account is locked: two parallel requests would both find a free slot.
      if ((await identitiesOf(transaction, accountId)).length >= MAX_IDENTITIES)
        return { ok: false, reason: 'too-many' };
      const id = newId(now);
      const verifiedEmailKey = trustedAddressOf(provider, claims)?.key ?? null;
      const about = { provider: provider.name, issuer, subject, handle: handleOf(claims), verifiedEmailKey };
      await insertIdentity(transaction, { id, accountId, now, ...about });
      if (tokens !== null) await keepTokens(core, transaction, id, tokens, now);
      return true;
    },
    notice: connectionNotice(context, 'added', provider.label),
    event: { accountId, provider: provider.name },
  });
}

/**
 * Replaces the tokens of a linked identity, for users whose provider no longer accepts the old ones.
 * @returns false if no tokens are kept or the session has ended
 */
async function renewTokens(
  core: Core,
  { signedIn: { session } }: SignedInContext,
  identityId: Id,
  { tokens }: ExternalIdentity,
): Promise<boolean> {
  if (tokens === null) return false;
  const { database, sessions, clock } = core;
  return database.transaction(async (transaction) => {
    if (!(await sessions.lockSession(transaction, session.id))) return false;
    if (!(await lockIdentity(transaction, identityId))) return false;
    await keepTokens(core, transaction, identityId, tokens, clock());
    return true;
  });
}

/**
 * No provider is linked to an account whose address is unconfirmed: an attacker may have created it with the address of
 * the victim, who would later recover it by mail (A20).
 */
function mayConnect({ mail }: Core, { email, emailVerified }: User): boolean {
  return email === null || emailVerified || !mail.isPossible;
}

/**
 * Unlinks an identity from the signed-in account unless it is the only sign-in method (A11). The identity of another
 * account gets the response of an unknown one (A17).
 */
async function disconnect(
  core: Core,
  passwords: Passwords,
  providers: readonly Provider[],
  context: SignedInContext,
  chosen: string,
): Promise<Done | Refused<'last-sign-in-method'>> {
  const { user, session } = context.signedIn;
  const { queries } = core.database;
  const all = isId(chosen) ? await identitiesOf(queries, user.id) : [];
  const found = all.find(({ id }) => bytesToId(id) === chosen);
  if (found === undefined) return answerDisconnected(false);
  const identityId = bytesToId(found.id);
  const { provider } = found;
  // A password is never removed, so it still exists when the change is made.
  const hasPassword = (await passwords.version(user.id)) !== null;
  const disconnected = await core.changeCredential(context, changes.providerDisconnected, {
    accountId: user.id,
    apply: async (transaction) => {
      // The account is locked: of two requests that unlink one of two identities each, the second finds one left.
      const isLast = !hasPassword && (await identitiesOf(transaction, user.id)).length === 1;
      if (!(await deleteIdentity(transaction, user.id, identityId))) return false;
      if (isLast) return { ok: false, reason: 'last-sign-in-method' };
      // The roles of the session end, whichever provider gave them.
      await core.sessions.setRoles(transaction, session.id, []);
      return true;
    },
    notice: connectionNotice(context, 'removed', labelOf(providers, provider)),
    event: { accountId: user.id, provider },
  });
  if (!disconnected.ok && disconnected.reason === 'last-sign-in-method')
    return { ok: false, problems: [{ reason: 'last-sign-in-method' }] };
  return answerDisconnected(disconnected.ok);
}

function answerDisconnected(disconnected: boolean): Done {
  const flash = disconnected ? flashes.disconnected : flashes.disconnectedAlready;
  return { ok: true, next: '/account/connections', flashes: [flash], data: { disconnected } };
}

function connectionNotice(
  { words }: RequestContext,
  change: 'added' | 'removed',
  label: string,
): ChangeNotice {
  const { signInWith, changes: changeWords } = words(emailWords);
  const changed = { credential: signInWith(label), change: changeWords[change] };
  return ({ username }) =>
    emails.credentialChanged.with({ username, page: paths.forgotPassword, ...changed });
}
