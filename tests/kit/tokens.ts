import type { TokenDefinition } from '../../src/auth/one-time-tokens/token-definition.ts';

/** A kind of one-time token whose data is stored as it is given. */
export function plainTokens(name: string, lifetime: number): TokenDefinition<string> {
  const codec = { encode: (data: string) => data, decode: (stored: string) => stored };
  return { name, lifetime, meaning: '', voidedBy: null, ...codec };
}
