/**
 * Whether the header or the claims of a signed token contain a name twice. Parsers differ in which value they use, so two
 * applications could see two users in one token (A25).
 * @see RFC 7519 §4; RFC 7515 §4
 */
export function hasDuplicates(token: string): boolean {
  const [header = '', claims = ''] = token.split('.');
  return [header, claims].some((part) => hasDuplicateMembers(Buffer.from(part, 'base64url').toString()));
}

/** A string or a structural character; other text is irrelevant here. */
const PIECE = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** @param json valid JSON */
function hasDuplicateMembers(json: string): boolean {
  // The names of each open object; null for an array, in which a string is no name.
  const open: (Set<unknown> | null)[] = [];
  let before = '';
  for (const [piece] of json.matchAll(PIECE)) {
    const names = open.at(-1);
    const isName = piece.startsWith('"') && (before === '{' || before === ',');
    before = piece;
    if (piece === '{') open.push(new Set());
    else if (piece === '[') open.push(null);
    else if (piece === '}' || piece === ']') open.pop();
    if (!isName || names === null || names === undefined) continue;
    const name: unknown = JSON.parse(piece);
    if (names.has(name)) return true;
    names.add(name);
  }
  return false;
}
