import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { ZodError } from 'zod';
import type { ProviderFailure } from '../../../core/events.ts';
import { OutboundRefused } from './outbound-fetch.ts';

/** Why a provider proved nothing. Its code is for whoever runs the site; it has nothing secret in it. */
export type Failure = { readonly reason: ProviderFailure; readonly code: string | null };

/** What errors of the network mean; Node.js names them in `code`. */
const NETWORK = /^(?:E[A-Z]+|ERR_TLS_\w+|UND_\w+|CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|HPE_\w+)$/;

/** @throws the error itself where it is no failure of a provider, but a defect of ours */
export function failureFrom(error: unknown): Failure {
  if (error instanceof AuthorizationResponseError)
    return {
      reason: error.error === 'access_denied' ? 'cancelled' : 'refused',
      code: shortCode(error.error),
    };
  if (error instanceof ResponseBodyError) return { reason: 'refused', code: shortCode(error.error) };
  if (error instanceof WWWAuthenticateChallengeError) return { reason: 'refused', code: 'not-authorised' };
  if (error instanceof ZodError) return { reason: 'invalid', code: 'malformed-profile' };
  for (const cause of causesOf(error)) {
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

// It was written by somebody else, and goes into the log.
function shortCode(code: string): string | null {
  return /^[a-z_]{1,40}$/.test(code) ? code : null;
}
