import type { Core } from '../../auth/core.ts';
import { type AccountId, sessionIds } from '../../auth/identifiers/ids.ts';
import type { Database } from '../../auth/schema.ts';
import { defineService } from '../../auth/services.ts';
import type { PersonalData, SignInButton } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { SettingsError } from '../../platform/settings/index.ts';
import { bytesToId } from '../../platform/text/index.ts';
import {
  type ClientParts,
  createProviderClient,
  PROVIDER_TIMEOUT,
  type ProviderClient,
} from './client/provider-client.ts';
import { createGetProviderToken, type GetProviderToken } from './provider-token.ts';
import { confirmPath, type Provider, startPath } from './providers/provider.ts';
import { findReauthenticating } from './sign-in-method.ts';
import { listFederatedLogins } from './store/federated-logins.ts';
import { identitiesOf } from './store/identities.ts';

/** The identity providers, for the features that offer them. */
export type IdentityProviders = {
  readonly clients: readonly ProviderClient[];
  /** The buttons for signing in and for registration. */
  readonly signInButtons: readonly SignInButton[];
  /** The buttons for fresh authentication: the account's providers that can authenticate a user again. */
  readonly confirmButtonsOf: (accountId: AccountId) => Promise<readonly SignInButton[]>;
  /** Returns a token for the application's own calls on behalf of a user. */
  readonly providerToken: GetProviderToken;
  readonly personalData: readonly PersonalData[];
};

/** How providers are requested, if not as usual, and the providers that an application defines. */
export type IdentityProviderOptions = Partial<Pick<ClientParts, 'timeout' | 'resolve'>> & {
  readonly providers?: readonly Provider[];
};

/** The configured providers; their settings are read before anything is composed. */
export const configuredProvidersService = defineService<readonly Provider[]>({ create: () => [] });

/** Given by tests and applications. */
export const identityProviderOptionsService = defineService<IdentityProviderOptions>({ create: () => ({}) });

export const identityProvidersService = defineService({
  needs: { providers: configuredProvidersService, options: identityProviderOptionsService },
  create: (core, { providers, options }) => createIdentityProviders(core, providers, options),
});

/** @throws {SettingsError} if two providers have one name, or a name cannot be part of a path */
function createIdentityProviders(
  core: Core,
  ofSettings: readonly Provider[],
  { providers: own = [], ...options }: IdentityProviderOptions,
): IdentityProviders {
  const { database, clock, settings } = core;
  const providers = [...ofSettings, ...own];
  validateNames(providers);
  const parts = {
    timeout: PROVIDER_TIMEOUT,
    ...options,
    clock,
    baseUrl: settings.baseUrl,
    proxies: settings,
  };
  const clients = providers.map((provider) => createProviderClient(provider, parts));
  return {
    clients,
    providerToken: createGetProviderToken(core, clients),
    signInButtons: providers.map((provider) => ({ path: startPath(provider), label: provider.label })),
    confirmButtonsOf: async (accountId) => {
      const usable = await findReauthenticating(database.queries, providers, accountId);
      return usable.map((provider) => ({ path: confirmPath(provider), label: provider.label }));
    },
    personalData: [connectionData(database), federatedLoginData(database)],
  };
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 32;

function validateNames(providers: readonly Provider[]): void {
  const names = providers.map(({ name }) => name);
  const invalid = names.filter(
    (name, position) => !NAME.test(name) || name.length > MAX_NAME_LENGTH || names.indexOf(name) !== position,
  );
  if (invalid.length === 0) return;
  const message = 'is no name of its own; give small letters, digits and hyphens, and each provider another';
  throw new SettingsError(invalid.map((name) => ({ name: 'providers', message: `"${name}" ${message}` })));
}

const ACCOUNT = 'it is the id of the account';

/** The linked identities of an account. */
function connectionData({ queries }: Database): PersonalData {
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
function federatedLoginData({ queries }: Database): PersonalData {
  return {
    name: 'connectedSignIns',
    table: 'external_sign_ins',
    leftOut: {
      account_id: ACCOUNT,
      sid_hash: 'it stands for a session at the provider, in a form that is of no use to read',
      kept: 'the provider has issued it to this site, and it is shown to that provider only',
    },
    read: async (accountId) =>
      (await listFederatedLogins(queries, accountId)).map((row) => ({
        id: bytesToId(row.id),
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        authenticatedAt: isoTime(row.authenticated_at),
        roles: row.roles,
        sessionId: row.session_id === null ? null : sessionIds.fromBytes(row.session_id),
        createdAt: isoTime(row.created_at),
        expiresAt: isoTime(row.expires_at),
      })),
  };
}
