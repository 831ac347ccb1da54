/** The addresses in the text of a mail, from the top. */
export function linksIn(text: string): readonly string[] {
  return text.match(/https?:\/\/[^\s<>"]+/g) ?? [];
}

/** The code that the owner of an address types in; null in a mail without one. */
export function codeIn(text: string): string | null {
  return /^\s*(\d{8})$/m.exec(text)?.[1] ?? null;
}
