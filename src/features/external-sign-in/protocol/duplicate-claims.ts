/**
 * Whether a signed token has a member of one name twice, in its header or its claims. Which of the two counts is a matter
 * of the reader, so two who read one token might see two people in it (A25).
 * @see RFC 7519 §4; RFC 7515 §4
 */
export function hasDuplicates(token: string): boolean {
  const [header = '', claims = ''] = token.split('.');
  return [header, claims].some((part) => hasDuplicateMembers(Buffer.from(part, 'base64url').toString()));
}

/** A text, or one of the signs that say where an object stands. What lies between them does not matter here. */
const PIECE = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** @param json what has been read as JSON without a fault */
function hasDuplicateMembers(json: string): boolean {
  // The names of each object that is open; null for an array, in which a text is no name.
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
