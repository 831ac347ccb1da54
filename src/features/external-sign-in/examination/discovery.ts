import { z } from 'zod';
import type { Failure } from '../client/failure.ts';
import { type Exchange, type Exchanges, jsonOf } from './exchanges.ts';

/** What was found where the metadata of an issuer should be. */
export type Discovery =
  | { readonly kind: 'found'; readonly issuer: string; readonly difference: Difference | null }
  | { readonly kind: 'unreachable'; readonly failure: Failure }
  | {
      readonly kind: 'missing';
      readonly address: string;
      readonly status: number;
      /** Where a redirect leads. */
      readonly location: string | null;
      /** The issuer whose metadata is at an address nearby. */
      readonly nearby: string | null;
    };

/** How the issuer of the metadata differs from the configured one. */
export type Difference = 'final-slash' | 'scheme' | 'host' | 'path' | 'whole-address';

// It is shown as it is spelt, and a terminal must not obey it.
const printable = z.url().regex(/^[!-~]+$/);
const metadata = z.object({ issuer: printable, authorization_endpoint: z.string() });
const WELL_KNOWN = '/.well-known/openid-configuration';

/** Requests the metadata of an issuer, and elsewhere if it is not there. */
export async function discover(issuer: URL, { get }: Exchanges): Promise<Discovery> {
  const address = metadataAddress(issuer);
  const answer = await get(address);
  if ('reason' in answer) return { kind: 'unreachable', failure: answer };
  const found = issuerIn(answer);
  if (found !== null)
    return { kind: 'found', issuer: found, difference: differenceOf(issuer, new URL(found)) };
  const others = await Promise.all(nearby(issuer).map((other) => get(metadataAddress(other))));
  const [other = null] = others.flatMap((one) => ('reason' in one ? [] : (issuerIn(one) ?? [])));
  const location = answer.headers.get('location');
  return { kind: 'missing', address, status: answer.status, location, nearby: other };
}

function issuerIn(answer: Exchange): string | null {
  return answer.status === 200 ? (jsonOf(answer, metadata)?.issuer ?? null) : null;
}

/** @see OpenID Connect Discovery 1.0 §4 */
function metadataAddress(issuer: URL): string {
  if (issuer.pathname.includes('/.well-known/')) return issuer.href;
  return withPath(issuer, issuer.pathname.replace(/\/$/, '') + WELL_KNOWN).href;
}

/**
 * Issuers that a wrong one may stand for: those above it, where the address of an endpoint was given, and those of Entra ID,
 * Okta, and Keycloak before and after its version 17.
 */
function nearby(issuer: URL): readonly URL[] {
  const path = issuer.pathname.replace(/\/\.well-known\/.*|\/$/, '');
  const parts = path.split('/').slice(1);
  const above = parts
    .map((_, position) => parts.slice(0, position))
    .map((some) => some.map((part) => `/${part}`).join(''));
  const keycloak = path.startsWith('/auth/') ? path.slice('/auth'.length) : `/auth${path}`;
  const paths = [path, `${path}/v2.0`, `${path}/oauth2/default`, keycloak, ...above.toReversed()];
  return [...new Set(paths)].slice(0, 8).map((one) => withPath(issuer, one));
}

function withPath(url: URL, path: string): URL {
  const other = new URL(url);
  other.pathname = path;
  return other;
}

/** @returns null if the two are one, as those of Entra ID for several tenants are */
function differenceOf(configured: URL, found: URL): Difference | null {
  if (configured.href === found.href || found.pathname.includes('%7Btenantid%7D')) return null;
  if (configured.pathname.includes('/.well-known/'))
    return metadataAddress(found) === configured.href ? 'whole-address' : 'path';
  const [one, other] = [configured, found].map(({ host, pathname }) => host + pathname.replace(/\/$/, ''));
  if (one === other) return configured.protocol === found.protocol ? 'final-slash' : 'scheme';
  return configured.host === found.host ? 'path' : 'host';
}
