import type { KeyObject } from 'node:crypto';
import { paths } from '../../../auth/paths.ts';
import { type EmailAddress, parseEmailAddress } from '../../../platform/text/index.ts';
import type { Claims } from './claims.ts';

/** An identity provider that users can sign in with. */
export type Provider = {
  /** Lower-case letters, digits and hyphens: part of paths, and stored with each identity. */
  readonly name: string;
  /** The name on buttons and pages. */
  readonly label: string;
  readonly client: Client;
  readonly scopes: readonly string[];
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly protocol: OpenIdConnect | OAuth;
  /**
   * Whether an address that the provider marks as verified is taken as the user's. It must not be if a user can have any
   * address there, or if the provider never verifies it again (A22).
   */
  readonly isAddressTrusted: (claims: Claims) => boolean;
  /** Whether a user may sign in, decided at each sign-in; every user may if it is left out. */
  readonly isAdmitted?: (claims: Claims) => boolean;
  /** The claim that decides admission, for the log. */
  readonly admittedBy?: 'groups' | 'hd';
  /** The claim that has the groups, or its path, such as `realm_access.roles`; `groups` if it is left out. */
  readonly groupsClaim?: string;
  /**
   * The roles of the user in this application, such as `editor`: letters, digits and `._:-`; other names are ignored. They
   * belong to one session.
   */
  readonly rolesOf?: (claims: Claims) => readonly string[];
  /** All roles that `rolesOf` can return, if they are known: a policy for roles that nothing gives is a fault. */
  readonly possibleRoles?: readonly string[];
  /**
   * What happens to a new user: `ask` for a username if registration is open (the default), create an account `automatic`ally
   * whatever `REGISTRATION` says, or admit `none`.
   */
  readonly newAccounts?: NewAccounts;
  /** Whether its tokens are kept, sealed, for the application's own calls; they are dropped otherwise. */
  readonly keepsTokens?: boolean;
  /** Whether signing out here also signs out there. @see OpenID Connect RP-Initiated Logout 1.0 */
  readonly hasRpInitiatedLogout?: boolean;
  /** Whether it authenticates users again on request and reports when it did (`max_age`, `auth_time`). */
  readonly canReauthenticate?: boolean;
  /** Why it takes no such redirect URI, in a few words; null for one that may be right. */
  readonly refusesRedirect?: (uri: URL) => string | null;
  /** Whether it may have an address of a private network. */
  readonly isPrivateNetworkAllowed?: boolean;
};

/** How this application authenticates to the provider: with a secret, or by signing (`private_key_jwt`). */
export type Client = { readonly id: string } & (
  | { readonly secret: string | (() => string) }
  | { readonly privateKey: ClientKey }
);

export type ClientKey = {
  readonly key: KeyObject;
  /** The key id (`kid`) of the public key at the provider. */
  readonly keyId: string | undefined;
};

export type NewAccounts = 'ask' | 'automatic' | 'none';

/** The address that the provider has verified, if it is trusted to; null without one. */
export function trustedAddressOf({ isAddressTrusted }: Provider, claims: Claims): EmailAddress | null {
  if (claims.email === undefined || !claims.email_verified || !isAddressTrusted(claims)) return null;
  const reading = parseEmailAddress(claims.email);
  return reading.ok ? reading : null;
}

/** Whether the provider can be asked to authenticate the user again. OAuth 2.0 does not report when it did. */
export function canAuthenticateAgain({ canReauthenticate, protocol }: Provider): boolean {
  return canReauthenticate === true && protocol.kind === 'openid-connect';
}

/** The label of a provider, or its name if it is no longer configured. */
export function labelOf(providers: readonly Provider[], name: string): string {
  return providers.find((provider) => provider.name === name)?.label ?? name;
}

/** Where a button starts a sign-in. */
export function startPath({ name }: Provider): `/${string}` {
  return `/oauth/${name}`;
}

/** The redirect URI, to which the provider sends its response. */
export function callbackPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/callback`;
}

/** Where the provider sends logout tokens. */
export function backChannelPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/backchannel-logout`;
}

/** Where a button starts fresh authentication. */
export function confirmPath({ name }: Provider): `/${string}` {
  return `${paths.confirm}/${name}`;
}

/** Endpoints are discovered; a signed token identifies the user. */
export type OpenIdConnect = { readonly kind: 'openid-connect'; readonly issuer: URL };

/** Plain OAuth 2: a request to the provider identifies the user. */
export type OAuth = {
  readonly kind: 'oauth';
  /** Identifies the provider in an identity and in its response (RFC 9207). */
  readonly issuer: URL;
  readonly authorizationEndpoint: URL;
  readonly tokenEndpoint: URL;
  readonly readClaims: (ask: Ask) => Promise<unknown>;
};

/** Requests JSON from the provider with the user's access token. @returns null if the provider does not give it */
export type Ask = (address: URL) => Promise<unknown>;
