import { z } from 'zod';
import type { Failure } from '../client/failure.ts';
import { type Exchanges, jsonOf } from './exchanges.ts';

/** The keys that verify the tokens of a provider. */
export type Keys =
  | { readonly kind: 'unreachable'; readonly address: string; readonly failure: Failure }
  | { readonly kind: 'malformed'; readonly address: string; readonly status: number }
  | {
      readonly kind: 'found';
      readonly all: number;
      readonly usable: number;
      /** The algorithms with which the provider signs, and those of them that are accepted. */
      readonly offered: readonly string[];
      readonly accepted: readonly string[];
    };

const webKey = z.looseObject({
  kty: z.string(),
  crv: z.string().optional().catch(undefined),
  use: z.string().optional().catch(undefined),
  alg: z.string().optional().catch(undefined),
  n: z.string().optional().catch(undefined),
});
type WebKey = z.infer<typeof webKey>;
// A member of another form is a key that is not used.
const keySet = z.object({ keys: z.array(z.unknown()).default([]) });

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** The algorithms that sign-in accepts, by type and curve of their keys. @see RFC 7518 §3.1; RFC 8037 §3.1; RFC 9864 */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  RSA,
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
  AKP: ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
};
const ACCEPTED = Object.values(ALGORITHMS).flat();
const LEAST_RSA_BYTES = 256;

/** @param algorithms undefined if the metadata does not say, which stands for RS256 */
export async function examineKeys(
  address: string,
  algorithms: readonly string[] = ['RS256'],
  { get }: Exchanges,
): Promise<Keys> {
  const answer = await get(address);
  if ('reason' in answer) return { kind: 'unreachable', address, failure: answer };
  const set = answer.status === 200 ? jsonOf(answer, keySet) : null;
  if (set === null) return { kind: 'malformed', address, status: answer.status };
  const offered = algorithms.filter((algorithm) => /^[\w.+-]{1,40}$/.test(algorithm));
  const accepted = offered.filter((algorithm) => ACCEPTED.includes(algorithm));
  const keys = set.keys.flatMap((key) => webKey.safeParse(key).data ?? []);
  const usable = keys.filter((key) => isUsable(key, accepted)).length;
  return { kind: 'found', all: set.keys.length, usable, offered, accepted };
}

function isUsable({ kty, crv, use, alg, n }: WebKey, accepted: readonly string[]): boolean {
  const algorithms = ALGORITHMS[crv === undefined ? kty : `${kty} ${crv}`] ?? [];
  const isLong = kty !== 'RSA' || Buffer.from(n ?? '', 'base64url').length >= LEAST_RSA_BYTES;
  const signs = algorithms.some((one) => accepted.includes(one) && (alg === undefined || alg === one));
  return isLong && signs && (use === undefined || use === 'sig');
}
