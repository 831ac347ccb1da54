import { ZodError, z } from 'zod';
import { OutboundRefused } from '../../../platform/outbound/index.ts';
import type { ProviderFailure } from '../definitions.ts';

/** Why a sign-in at a provider failed. All but the reason is for the operator, and contains no secret. */
export type Failure = {
  readonly reason: ProviderFailure;
  readonly code: string | null;
  /** The provider's own description, shortened, for the log. */
  readonly providerSaid?: string;
  /** How far the provider's clock is ahead of this machine's, in seconds. */
  readonly clockAheadSeconds?: number;
  /** The names of the claims that the provider sent, without their values. */
  readonly claimNames?: readonly string[];
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
    return refusalOfServer(error.error, error.error_description ?? null);
  if (error instanceof WWWAuthenticateChallengeError) return { reason: 'refused', code: 'not-authorised' };
  if (error instanceof ZodError) return { reason: 'invalid', code: malformedMember(error) };
  for (const cause of causesOf(error)) {
    const difference = differenceIn(cause) ?? statusIn(cause);
    if (difference !== null) return difference;
    if (cause instanceof OutboundRefused) return { reason: 'unavailable', code: cause.reason };
    const code = networkCode(cause);
    if (code !== null) return { reason: 'unavailable', code };
  }
  if (error instanceof ClientError)
    return { reason: 'invalid', code: wordedFault(error) ?? error.code ?? null };
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

/** What is wrong with a response or token, such as a member of another type, where oauth4webapi says it in words alone. */
function wordedFault({ code, cause }: Error & { readonly code?: string | undefined }): string | null {
  if (code !== 'OAUTH_INVALID_RESPONSE' || !(cause instanceof Error)) return null;
  if (cause.message.startsWith('JWT signature')) return 'signature-invalid';
  const [, member] = /"(?!(?:response|parameters|callbackParameters)")(\w+)"/.exec(cause.message) ?? [];
  return member === undefined ? null : `unusable-${member}`;
}

function malformedMember({ issues }: ZodError): string {
  const [member] = issues[0]?.path ?? [];
  return typeof member === 'string' ? `malformed-${member}` : 'malformed-profile';
}

/**
 * The error codes for a user who cancels, in the common spelling: RFC 6749 §4.1.2.1, and whatever says that a user cancelled,
 * denied or declined, as Apple and LinkedIn (`user_cancelled_…`), and Facebook and early drafts (`user_denied`) do.
 * @see https://developer.apple.com/documentation/signinwithapple/incorporating-sign-in-with-apple-into-other-platforms
 * @see https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow
 * @see https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
 */
const CANCELLED =
  /^access_denied$|(?:^|_)cancel(?:led)?(?:_|$)|^(?:user|consent|login|authorization)_(?:denied|declined|rejected|aborted)(?:_|$)/;

/**
 * `access_denied` is also how servers refuse a user whom their operator has given no access: Microsoft with a number, Okta
 * in words. The operator has to know.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 * @see https://github.com/tailscale/tailscale/issues/3334 (Okta’s words)
 */
const REFUSED_IN_WORDS = /\bAAD(?:STS|B2C)\d+|\bnot (?:been )?assigned\b/i;

/** Microsoft’s numbers of a user who declines or cancels, which come with several codes. @see the same, and Azure AD B2C’s */
const CANCELLED_IN_WORDS = /\b(?:AADSTS65004|AADB2C90091)\b/;

/** What a provider sends while it has a problem of its own. RFC 6749 §4.1.2.1 */
const UNAVAILABLE = ['server_error', 'temporarily_unavailable'];

/** The failure of an error response (RFC 6749 §4.1.2.1). */
export function refusalFrom(error: string, description: string | null): Failure {
  const failure = refusalOfServer(error, description);
  const words = description?.slice(0, MAX_READ_LENGTH) ?? '';
  const isCancelled =
    CANCELLED_IN_WORDS.test(words) ||
    (CANCELLED.test(commonSpelling(error)) && !REFUSED_IN_WORDS.test(words));
  return isCancelled ? { ...failure, reason: 'cancelled' } : failure;
}

/** The failure of an error response to this server, which no user can have cancelled (RFC 6749 §5.2). */
function refusalOfServer(error: string, description: string | null): Failure {
  const reason = UNAVAILABLE.includes(commonSpelling(error)) ? 'unavailable' : 'refused';
  const said = description === null ? '' : shortened(description);
  return { reason, code: shortCode(error), ...(said !== '' && { providerSaid: said }) };
}

/** `User-Canceled` as `user_cancelled`. */
function commonSpelling(error: string): string {
  return error
    .slice(0, MAX_READ_LENGTH)
    .trim()
    .toLowerCase()
    .replace(/[-. ]/g, '_')
    .replace(/canceled/g, 'cancelled');
}

const attributeCause = z.object({
  attribute: z.string(),
  body: z.object({ issuer: z.string().optional().catch(undefined) }),
});
const claimCause = z.object({
  claim: z.string(),
  expected: z.unknown(),
  claims: z.object({ iss: z.string().optional().catch(undefined) }),
});
const clockCause = z.object({
  claim: z.enum(['iat', 'nbf', 'exp']),
  now: z.number(),
  claims: z.object({ iat: z.number() }),
});
const answerCause = z.object({ parameters: z.instanceof(URLSearchParams) });

/** How far the clocks may differ, in seconds: as much as Kerberos and Microsoft's own libraries permit. */
export const CLOCK_TOLERANCE = 300;

/**
 * How far they may differ where times prove that a user authenticated just now, in seconds. For the identity itself, the
 * nonce and the code prove that the token is new.
 */
export const PROOF_TOLERANCE = 30;

/** Whether an issuer or another claim differs from what is expected, or the provider's clock from this machine's. */
function differenceIn({ message, cause }: Error): Failure | null {
  const attribute = attributeCause.safeParse(cause).data;
  if (attribute !== undefined) return differs(attribute.attribute, attribute.body.issuer);
  const clock = clockCause.safeParse(cause).data;
  if (clock !== undefined) {
    const { claim, now, claims } = clock;
    const ahead = Math.round(claims.iat - now);
    // Issued now, and valid at no time: that is no matter of clocks.
    if (Math.abs(ahead) < CLOCK_TOLERANCE) return { reason: 'invalid', code: `${claim}-of-token` };
    return clockFailure(ahead);
  }
  const claim = claimCause.safeParse(cause).data;
  if (claim !== undefined) return differs(claim.claim, claim.claim === 'iss' ? claim.claims.iss : undefined);
  const answer = answerCause.safeParse(cause).data;
  // oauth4webapi gives no other sign of what is wrong with the parameters.
  if (answer === undefined || !message.includes('"iss"')) return null;
  return differs('iss', answer.parameters.get('iss') ?? undefined, 'issuer-of-answer-differs');
}

/** The failure of a provider whose clock differs. @param ahead of the clock of this machine, in seconds */
export function clockFailure(ahead: number): Failure {
  const code = ahead > 0 ? 'provider-clock-ahead' : 'provider-clock-behind';
  return { reason: 'clock', code, clockAheadSeconds: ahead };
}

/** The words for members in codes. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['iss', 'issuer'],
  ['aud', 'audience'],
  ['sub', 'subject'],
]);

function differs(member: string, said: string | undefined, code?: string): Failure {
  const name = NAMES.get(member) ?? shortCode(member) ?? 'claim';
  const words = said === undefined ? '' : printable(said.slice(0, MAX_READ_LENGTH));
  return {
    reason: 'invalid',
    code: code ?? `${name}-differs`,
    ...(words !== '' && { providerSaid: words }),
  };
}

/** A response with an unexpected status, or that is no JSON. */
function statusIn({ cause }: Error): Failure | null {
  return cause instanceof Response ? failureOfStatus(cause.status) : null;
}

/** The failure of a response that is of no use. */
export function failureOfStatus(status: number): Failure {
  if (status === 200) return { reason: 'invalid', code: 'not-json' };
  const code = `status-${status}`;
  if (status >= 500 || status === 429 || status === 408) return { reason: 'unavailable', code };
  return { reason: status === 401 || status === 403 ? 'refused' : 'invalid', code };
}

/** The longest code in the log, and name of a claim. */
const MAX_CODE_LENGTH = 64;

/** Untrusted text as one word for the log; null if nothing is left of it. */
function shortCode(text: string): string | null {
  const word = wordOf(withoutSecrets(text.slice(0, MAX_READ_LENGTH)));
  return word === '' ? null : word;
}

const MAX_CLAIM_NAMES = 50;

/** The names of what a provider sent about a user, for the log; never a value. */
export function claimNamesOf(found: object): readonly string[] {
  const names = Object.keys(found).slice(0, MAX_CLAIM_NAMES);
  return names.map((name) => wordOf(name.slice(0, MAX_READ_LENGTH))).filter((name) => name !== '');
}

function wordOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.:/-]+/g, '-')
    .slice(0, MAX_CODE_LENGTH)
    .replace(/^-+|-+$/g, '');
}

const MAX_LOGGED_LENGTH = 200;
/** Any client may send the text, so a long one must not cost time. */
export const MAX_READ_LENGTH = 1_000;

function shortened(words: string): string {
  return printable(withoutSecrets(words.slice(0, MAX_READ_LENGTH)));
}

// Without email addresses and possible tokens: providers quote the user and the request.
function withoutSecrets(words: string): string {
  return words.replace(/\S+@\S+|[A-Za-z0-9_+/=.-]{33,}/g, '…');
}

function printable(words: string): string {
  return words
    .replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LOGGED_LENGTH)
    .toWellFormed();
}
