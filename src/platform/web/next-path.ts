/** The longest next path that is kept, in characters: encoded, three times this still fits into an address. */
export const LONGEST_NEXT_PATH = 2_000;

/**
 * Reads the path that comes next: a path of this origin, whatever is tried (A27). The text is parsed as a browser
 * would and written again from the parts, so what is checked is what is sent.
 * @returns path, query and fragment, or null when the text is anything but a path of ours
 */
export function safeNextPath(text: string | null, origin: string): string | null {
  // Browsers drop tabs and line ends and read a backslash as a slash; no honest client writes such a path.
  if (
    text === null ||
    text.length > LONGEST_NEXT_PATH ||
    !text.startsWith('/') ||
    /[\\\p{Cc}\p{Zl}\p{Zp}]/u.test(text)
  )
    return null;
  const url = URL.parse(text, origin);
  if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') return null;
  const path = url.pathname + url.search + url.hash;
  if (path.length > LONGEST_NEXT_PATH) return null;
  // `/./\e` and `/.//e` come out as `//e`, which a browser would read as another host.
  return path.startsWith('//') || hasEncodedSlashes(url.pathname) ? null : path;
}

// A proxy or an application that decodes the path before redirecting again would see `//host`.
function hasEncodedSlashes(path: string): boolean {
  return /^\/*(?:%2f|%5c|%09|%0a|%0d)/i.test(path);
}

/** Adds the path that comes next to an address. @param next a path of ours, or null for none */
export function withNext(path: string, next: string | null): string {
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}
