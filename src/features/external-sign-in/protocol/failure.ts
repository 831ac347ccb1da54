import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { ZodError, z } from 'zod';
import type { ProviderFailure } from '../../../auth/events.ts';
import { OutboundRefused } from './outbound-fetch.ts';

/** Why a provider proved nothing. Its code is for whoever runs the site; it has nothing secret in it. */
export type Failure = {
  readonly reason: ProviderFailure;
  readonly code: string | null;
  /** What the provider said itself, shortened; for the log. */
  readonly providerSaid?: string;
};

/** What errors of the network mean; Node.js names them in `code`. */
const NETWORK = /^(?:E[A-Z]+|ERR_TLS_\w+|UND_\w+|CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|HPE_\w+)$/;

/** @throws the error itself where it is no failure of a provider, but a defect of ours */
export function failureFrom(error: unknown): Failure {
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
  if (isOfProtocol(error)) return { reason: 'invalid', code: 'malformed-metadata' };
  if (error instanceof ClientError) return { reason: 'invalid', code: error.code ?? null };
  throw error;
}

// What oauth4webapi throws while an address is read from metadata passes openid-client as it is, which exports no class for it.
function isOfProtocol(error: unknown): boolean {
  const names = ['OperationProcessingError', 'UnsupportedOperationError'];
  return error instanceof Error && !(error instanceof ClientError) && names.includes(error.name);
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

/** What providers call it when the user goes back: RFC 6749 §4.1.2.1, Apple, LinkedIn. */
const CANCELLED = ['access_denied', 'user_cancelled_authorize', 'user_cancelled_login'];

/** What a provider says in the address of its answer (RFC 6749 §4.1.2.1). */
export function refusalFrom(error: string, description: string | null): Failure {
  const reason = CANCELLED.includes(error) ? 'cancelled' : 'refused';
  const said = description === null ? '' : shortened(description);
  return { reason, code: shortCode(error), ...(said !== '' && { providerSaid: said }) };
}

const issuerCause = z.object({ attribute: z.literal('issuer'), body: z.object({ issuer: z.string() }) });
const clockCause = z.object({ claim: z.enum(['iat', 'nbf', 'exp']) });

/** Whether the provider has another issuer than the settings, or another time than this machine. */
function differenceIn({ cause }: Error): Failure | null {
  const issuer = issuerCause.safeParse(cause).data?.body.issuer;
  if (issuer !== undefined)
    return { reason: 'invalid', code: 'issuer-differs', providerSaid: printable(issuer) };
  return clockCause.safeParse(cause).success ? { reason: 'invalid', code: 'clock-differs' } : null;
}

// It was written by somebody else, and goes into the log.
function shortCode(code: string): string | null {
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(code) ? code : null;
}

const LONGEST_WORDS = 200;
/** What is looked at of a text that anyone may send, so that a long one costs nothing. */
const LONGEST_READ = 1_000;

// Without addresses and what may be a token: providers quote those whom they refuse.
function shortened(words: string): string {
  return printable(words.slice(0, LONGEST_READ).replace(/\S+@\S+|[A-Za-z0-9_+/=.-]{33,}/g, '…'));
}

function printable(words: string): string {
  return words
    .replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_WORDS)
    .toWellFormed();
}
