/**
 * A text without certain characters at its ends, in one pass: a regular expression that ends in `+$` takes quadratic time
 * on a text that has many of them in its middle.
 * @param unwanted the characters
 */
export function trimmed(text: string, unwanted: string): string {
  let start = 0;
  while (start < text.length && unwanted.includes(text.charAt(start))) start += 1;
  return trimmedEnd(text.slice(start), unwanted);
}

/** The same at its end alone. */
export function trimmedEnd(text: string, unwanted: string): string {
  let end = text.length;
  while (end > 0 && unwanted.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
