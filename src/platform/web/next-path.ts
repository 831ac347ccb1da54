/** The longest next path that is kept, in characters: encoded, three times this still fits into an address. */
export const LONGEST_NEXT_PATH = 2_000;

/**
 * Reads the path that comes next: a path of this origin, or an address of a trusted one, whatever is tried (A27). The text
 * is parsed as a browser would and written again from the parts, so what is checked is what is sent.
 * @returns path, query and fragment, or null when the text is anything but a path of ours; the address for a trusted origin
 */
export function safeNextPath(
  text: string | null,
  origin: string,
  trustedOrigins: readonly string[] = [],
): string | null {
  // Browsers drop tabs and line ends and read a backslash as a slash; no honest client writes such a path.
  if (text === null || text.length > LONGEST_NEXT_PATH || /[\\\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return null;
  if (!text.startsWith('/')) return trustedAddress(text, trustedOrigins);
  const url = URL.parse(text, origin);
  if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') return null;
  const path = url.pathname + url.search + url.hash;
  if (path.length > LONGEST_NEXT_PATH) return null;
  // `/./\e` and `/.//e` come out as `//e`, which a browser would read as another host.
  return path.startsWith('//') || hasEncodedSlashes(url.pathname) ? null : path;
}

function trustedAddress(text: string, trustedOrigins: readonly string[]): string | null {
  // Written out: what a browser would complete, such as `https:host`, is no address that an application links to.
  const url = /^https?:\/\/[^/]/.test(text) ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return null;
  return trustedOrigins.includes(url.origin) && url.href.length <= LONGEST_NEXT_PATH ? url.href : null;
}

// A proxy or an application that decodes the path before redirecting again would see `//host`.
function hasEncodedSlashes(path: string): boolean {
  return /^\/*(?:%2f|%5c|%09|%0a|%0d)/i.test(path);
}

/**
 * Adds the path that comes next to a path of ours.
 * @param next as a browser requests it, such as `Locations.of` makes it of a path of ours; null for none
 */
export function withNext(path: string, next: string | null): string {
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}
