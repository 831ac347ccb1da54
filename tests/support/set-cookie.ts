/** One `Set-Cookie` header, taken apart. */
export type SetCookie = {
  readonly name: string;
  readonly value: string;
  /** In seconds; undefined for a cookie that ends with the browser. */
  readonly maximumAge: number | undefined;
  /** Attributes in lower case, those without a value with the empty text. */
  readonly attributes: ReadonlyMap<string, string>;
};

export function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const separator = pair.indexOf('=');
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.toLowerCase(), value] as const;
    }),
  );
  const age = attributes.get('max-age');
  return {
    name: pair.slice(0, separator),
    value: pair.slice(separator + 1),
    maximumAge: age === undefined ? undefined : Number(age),
    attributes,
  };
}
