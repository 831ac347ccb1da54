import type { z } from 'zod';

/** A change of an account after which a token is worthless. A recovery, or another address, voids all of these. */
export type VoidedBy = 'password-change' | 'recovery';

/** What a one-time token is for. A token of one kind passes for no other (A13). */
export type TokenKind = {
  /** Stored with each token, so it must not change. */
  readonly name: string;
  /** How long a token lasts unless it is issued for another time, in milliseconds. */
  readonly lifetime: number;
  /** What the bearer of a token may do, for the table in docs/architecture.md. */
  readonly meaning: string;
  /** Null for what takes something back, and for what gives no access: no change voids it. */
  readonly voidedBy: VoidedBy | null;
};

export type TokenDefinition<Data> = TokenKind & {
  readonly encode: (data: Data) => string;
  /** @throws {ZodError} for what `encode` has not written */
  readonly decode: (stored: string) => Data;
};

export function defineTokens<Schemas extends Readonly<Record<string, z.ZodObject>>>(
  tokens: {
    readonly [Name in keyof Schemas]: {
      readonly lifetime: number;
      readonly meaning: string;
      readonly voidedBy?: VoidedBy;
      readonly data: Schemas[Name];
      /** The field that the personal-data export shows; it is stored before the others, in a line of its own. */
      readonly shown?: keyof z.output<Schemas[Name]> & string;
    };
  },
): { readonly [Name in keyof Schemas]: TokenDefinition<z.output<Schemas[Name]>> } {
  const defined = Object.entries<TokenOptions>(tokens).map(
    ([name, { lifetime, meaning, voidedBy = null, data, shown }]) => [
      name,
      { name, lifetime, meaning, voidedBy, ...codecOf(data, shown) },
    ],
  );
  // Each codec parses with the schema that its type states.
  return Object.fromEntries(defined);
}

type TokenOptions = {
  readonly lifetime: number;
  readonly meaning: string;
  readonly voidedBy?: VoidedBy;
  readonly data: z.ZodObject;
  readonly shown?: string;
};

/** The shown field in the first line, the others as JSON in the second one; or all of them as JSON. */
function codecOf(schema: z.ZodObject, shown: string | undefined) {
  return {
    encode: (data: Readonly<Record<string, unknown>>): string => {
      if (shown === undefined) return JSON.stringify(data);
      const { [shown]: first, ...rest } = data;
      return [first ?? '', ...(Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest)])].join('\n');
    },
    decode: (stored: string): unknown => {
      if (shown === undefined) return schema.parse(JSON.parse(stored));
      const [first = '', rest = '{}'] = stored.split('\n');
      return schema.parse({ ...JSON.parse(rest), [shown]: first === '' ? null : first });
    },
  };
}

/** The names of the tokens that a change voids. */
export function voidedTokens(kinds: readonly TokenKind[], change: VoidedBy): readonly string[] {
  return kinds
    .filter(({ voidedBy }) => voidedBy === change || (change === 'recovery' && voidedBy !== null))
    .map(({ name }) => name);
}
