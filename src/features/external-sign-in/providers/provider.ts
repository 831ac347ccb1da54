import type { KeyObject } from 'node:crypto';
import { type EmailAddress, parseEmailAddress } from '../../../auth/identifiers/email-address.ts';
import type { Claims } from './claims.ts';

/** Another site that people may sign in with. */
export type Provider = {
  /** Small letters, digits and hyphens: it stands in addresses and beside the identities. */
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  readonly client: Client;
  readonly scopes: readonly string[];
  /** What it wants to be asked besides. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly protocol: OpenIdConnect | OAuth;
  /**
   * Whether an address that it calls verified is taken to be the person's. Where anybody can have any address there, or
   * nobody looks again after years, it is not (A22).
   */
  readonly isAddressTrusted: (claims: Claims) => boolean;
  /** Whether somebody is one of those who may sign in here, each time anew; everybody is where it is left out. */
  readonly isAdmitted?: (claims: Claims) => boolean;
  /** The claim that decides it, for the log. */
  readonly admittedBy?: 'groups' | 'hd';
  /**
   * What somebody may be here, by names of this site, such as `editor`: letters, digits and `._:-`; others do not count.
   * It counts for one session; nothing where it is left out.
   */
  readonly rolesOf?: (claims: Claims) => readonly string[];
  /**
   * Whoever is new: chooses a username, where this site lets people register (`ask`, and where it is left out); gets an
   * account at once, whatever `REGISTRATION` says (`automatic`); or is let in by nobody (`none`).
   */
  readonly newAccounts?: NewAccounts;
  /** Whether its tokens are kept, sealed, for the application’s own calls in the name of people; else they are dropped. */
  readonly keepsTokens?: boolean;
  /** Whether whoever signs out here is signed out there, too. @see OpenID Connect RP-Initiated Logout 1.0 */
  readonly signsOutThere?: boolean;
  /** Whether it has people prove anew who they are, and tells when they did (`max_age`, `auth_time`). */
  readonly provesAnew: boolean;
  /** Whether it may be at an address that only this network reaches. */
  readonly isInside: boolean;
};

/** How this site shows the provider that it is itself: by a secret, or by signing with a key (`private_key_jwt`). */
export type Client = { readonly id: string } & (
  | { readonly secret: string | (() => string) }
  | { readonly privateKey: ClientKey }
);

export type ClientKey = {
  readonly key: KeyObject;
  /** What the provider calls the public half of it. */
  readonly keyId: string | undefined;
};

export type NewAccounts = 'ask' | 'automatic' | 'none';

/** The address that the provider has verified, where it is taken to be the user's; null without one. */
export function trustedAddressOf({ isAddressTrusted }: Provider, claims: Claims): EmailAddress | null {
  if (claims.email === undefined || !claims.email_verified || !isAddressTrusted(claims)) return null;
  const reading = parseEmailAddress(claims.email);
  return reading.valid ? reading : null;
}

/** Whether a provider can be asked to authenticate its user again: OAuth 2.0 does not say when that was, whatever it claims. */
export function canAuthenticateAgain({ provesAnew, protocol }: Provider): boolean {
  return provesAnew && protocol.kind === 'openid-connect';
}

/** What people call a provider; its name, where it is no longer set. */
export function labelOf(providers: readonly Provider[], name: string): string {
  return providers.find((provider) => provider.name === name)?.label ?? name;
}

/** What it offers is discovered, and who somebody is stands in a signed token. */
export type OpenIdConnect = { readonly kind: 'openid-connect'; readonly issuer: URL };

/** Plain OAuth 2, where who somebody is has to be asked for. */
export type OAuth = {
  readonly kind: 'oauth';
  /** Stands for the site in an identity, and is what it calls itself if it does (RFC 9207). */
  readonly issuer: URL;
  readonly authorizationEndpoint: URL;
  readonly tokenEndpoint: URL;
  readonly readClaims: (ask: Ask) => Promise<unknown>;
};

/** Reads JSON at an address of the provider, in the name of the person. */
export type Ask = (address: URL) => Promise<unknown>;
