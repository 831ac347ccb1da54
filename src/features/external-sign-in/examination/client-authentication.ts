import { randomBytes } from 'node:crypto';
import type { Configuration } from 'openid-client';
import { type Failure, failureFrom } from '../client/failure.ts';
import { type Exchanges, errorOf } from './exchanges.ts';

/** What the token endpoint of a provider says of this application. */
export type ClientAuthentication =
  | { readonly kind: 'unreachable'; readonly address: string; readonly failure: Failure }
  /** It refuses a code that does not exist, and therefore not the application. */
  | { readonly kind: 'accepted'; readonly error: string }
  | {
      readonly kind: 'refused';
      readonly error: string;
      readonly said: string;
      /** The methods that the provider supports, if its metadata says so. */
      readonly methods: readonly string[];
    }
  /** The response says nothing about the application. */
  | {
      readonly kind: 'unknown';
      readonly status: number;
      readonly error: string | null;
      readonly said: string;
    };

/** For an invalid code: RFC 6749 §5.2, GitHub. */
const CODE_REFUSED = ['invalid_grant', 'bad_verification_code'];
/** For an invalid id or secret, or an application that may not do this: RFC 6749 §5.2, GitHub. */
const CLIENT_REFUSED = [
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
  'application_suspended',
  'redirect_uri_mismatch',
];
/** Entra ID reads the code before it checks the application, except that it looks for the application's id first. */
const READS_CODE_FIRST = /AADSTS(?:9002313|70000|70008|54005)\b/;

/** Redeems a code that the provider has never issued. */
export async function tryClient(
  configuration: Configuration,
  callback: URL,
  { last }: Exchanges,
): Promise<ClientAuthentication> {
  const before = last();
  const failure = await redeem(configuration, callback);
  const answer = last();
  // Only a response says something of the application.
  if (answer === null || answer === before)
    return { kind: 'unreachable', address: tokenEndpoint(configuration), failure };
  const { error, said } = errorOf(answer) ?? { error: null, said: '' };
  const methods = methodsOf(configuration);
  if (error !== null && CODE_REFUSED.includes(error) && !READS_CODE_FIRST.test(said))
    return { kind: 'accepted', error };
  if (error !== null && CLIENT_REFUSED.includes(error)) return { kind: 'refused', error, said, methods };
  if (error === null && answer.status === 401) return { kind: 'refused', error: 'status 401', said, methods };
  return { kind: 'unknown', status: answer.status, error, said };
}

function methodsOf(configuration: Configuration): readonly string[] {
  const { token_endpoint_auth_methods_supported: methods = [] } = configuration.serverMetadata();
  return methods.filter((method) => /^\w{1,40}$/.test(method));
}

function tokenEndpoint(configuration: Configuration): string {
  return URL.parse(configuration.serverMetadata().token_endpoint ?? '')?.href ?? 'no address';
}

async function redeem(configuration: Configuration, callback: URL): Promise<Failure> {
  const { genericGrantRequest } = await import('openid-client');
  try {
    const [code, code_verifier] = [
      randomBytes(24).toString('base64url'),
      randomBytes(32).toString('base64url'),
    ];
    const parameters = { code, code_verifier, redirect_uri: callback.href };
    await genericGrantRequest(configuration, 'authorization_code', parameters);
    return { reason: 'invalid', code: null };
  } catch (error) {
    return failureFrom(error);
  }
}
