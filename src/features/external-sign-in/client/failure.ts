import { ZodError, z } from 'zod';
import { OutboundRefused } from '../../../platform/outbound/index.ts';
import type { ProviderFailure } from '../definitions.ts';

/** Why a sign-in at a provider failed. The code is for the operator and contains no secret. */
export type Failure = {
  readonly reason: ProviderFailure;
  readonly code: string | null;
  /** The provider's own description, shortened, for the log. */
  readonly providerSaid?: string;
};

/** The codes of network errors in Node.js. */
const NETWORK = /^(?:E[A-Z]+|ERR_(?:TLS|SSL)_\w+|UND_\w+|CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|HPE_\w+)$/;

/** @throws the error itself if it is a defect of this program */
export async function failureFrom(error: unknown): Promise<Failure> {
  const { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } =
    await import('openid-client');
  if (error instanceof AuthorizationResponseError)
    return refusalFrom(error.error, error.error_description ?? null);
  if (error instanceof ResponseBodyError)
    return { ...refusalFrom(error.error, error.error_description ?? null), reason: 'refused' };
  if (error instanceof WWWAuthenticateChallengeError) return { reason: 'refused', code: 'not-authorised' };
  if (error instanceof ZodError) return { reason: 'invalid', code: 'malformed-profile' };
  for (const cause of causesOf(error)) {
    const difference = differenceIn(cause);
    if (difference !== null) return difference;
    if (cause instanceof OutboundRefused) return { reason: 'unavailable', code: cause.reason };
    const code = networkCode(cause);
    if (code !== null) return { reason: 'unavailable', code };
  }
  if (error instanceof ClientError) return { reason: 'invalid', code: error.code ?? null };
  if (isOfProtocol(error)) return { reason: 'invalid', code: 'malformed-metadata' };
  throw error;
}

// Errors of oauth4webapi about addresses in metadata pass openid-client unchanged; it exports no class for them.
function isOfProtocol(error: unknown): boolean {
  const names = ['OperationProcessingError', 'UnsupportedOperationError'];
  return error instanceof Error && names.includes(error.name);
}

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(cause);
  return causes;
}

function networkCode(error: Error): string | null {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timed-out';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code !== null && NETWORK.test(code) ? code : null;
}

/** The error codes for a user who cancels: RFC 6749 §4.1.2.1, Apple, LinkedIn. */
const CANCELLED = ['access_denied', 'user_cancelled_authorize', 'user_cancelled_login'];

/** The failure of an error response (RFC 6749 §4.1.2.1). */
export function refusalFrom(error: string, description: string | null): Failure {
  const reason = CANCELLED.includes(error) ? 'cancelled' : 'refused';
  const said = description === null ? '' : shortened(description);
  return { reason, code: shortCode(error), ...(said !== '' && { providerSaid: said }) };
}

const issuerCause = z.object({ attribute: z.literal('issuer'), body: z.object({ issuer: z.string() }) });
const clockCause = z.object({ claim: z.enum(['iat', 'nbf', 'exp']) });

/** Whether the issuer differs from the setting, or the provider's clock from this machine's. */
function differenceIn({ cause }: Error): Failure | null {
  const issuer = issuerCause.safeParse(cause).data?.body.issuer;
  if (issuer !== undefined)
    return { reason: 'invalid', code: 'issuer-differs', providerSaid: printable(issuer) };
  return clockCause.safeParse(cause).success ? { reason: 'invalid', code: 'clock-differs' } : null;
}

// Untrusted text that goes into the log.
function shortCode(code: string): string | null {
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(code) ? code : null;
}

const MAX_LOGGED_LENGTH = 200;
/** Any client may send the text, so a long one must not cost time. */
const MAX_READ_LENGTH = 1_000;

// Without email addresses and possible tokens: providers quote the user and the request.
function shortened(words: string): string {
  return printable(words.slice(0, MAX_READ_LENGTH).replace(/\S+@\S+|[A-Za-z0-9_+/=.-]{33,}/g, '…'));
}

function printable(words: string): string {
  return words
    .replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LOGGED_LENGTH)
    .toWellFormed();
}
