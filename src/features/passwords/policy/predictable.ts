/** Rows along which fingers run without a thought; each is followed in both directions. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
];
const PATHS = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);

const SHORTEST_RUN = 3;
const LONGEST_UNIT = 12;
const FEWEST_DISTINCT = 5;
/** As many characters besides what is easily guessed are a password of their own. */
const ENOUGH_BESIDES = 8;

/** Whether a password is one short piece over and over, or only runs along the alphabet, the digits or the keyboard. */
export function isRepetitive(password: string): boolean {
  const points = [...password.toLowerCase()];
  if (new Set(points).size < FEWEST_DISTINCT || isMadeOfRuns(points)) return true;
  return repeatsOneUnit(points) || repeatsOneUnit(withoutTail(points));
}

// The digits and marks that users add when some are required; many of them are more than that.
function withoutTail(points: readonly string[]): readonly string[] {
  const length = points.findLastIndex((point) => /[\p{L}\p{M}]/u.test(point)) + 1;
  const isTail = points.length - length < Math.min(ENOUGH_BESIDES, length);
  return isTail ? points.slice(0, length) : points;
}

function repeatsOneUnit(points: readonly string[]): boolean {
  const longest = Math.min(LONGEST_UNIT, Math.ceil(points.length / 2));
  for (let unit = 1; unit <= longest; unit += 1) {
    if (points.every((point, position) => position < unit || point === points[position - unit])) return true;
  }
  return false;
}

function isMadeOfRuns(points: readonly string[]): boolean {
  const text = points.join('');
  let position = 0;
  while (position < text.length) {
    const length = Math.max(runLength(text, position), sameLength(text, position));
    if (length < SHORTEST_RUN) return false;
    position += length;
  }
  return true;
}

function runLength(text: string, start: number): number {
  const lengths = PATHS.map((path) => {
    const offset = path.indexOf(text.charAt(start));
    let length = 0;
    while (offset !== -1 && start + length < text.length && path[offset + length] === text[start + length])
      length += 1;
    return length;
  });
  return Math.max(...lengths);
}

function sameLength(text: string, start: number): number {
  let length = 1;
  while (text[start + length] === text[start]) length += 1;
  return length;
}

const SHORTEST_WORD = 3;

/**
 * The context word that a password is little more than, or null. `alexander2026!` is for Alexander; a sentence
 * in which the name merely occurs is not.
 * @param words such as the username, the address, the site's name
 */
export function contextWordIn(password: string, words: readonly string[]): string | null {
  const text = bare(password);
  const found = words.flatMap(withParts).find((word) => {
    const part = bare(word);
    if ([...part].length < SHORTEST_WORD || !text.includes(part)) return false;
    return [...text.replaceAll(part, '')].length < ENOUGH_BESIDES;
  });
  return found ?? null;
}

/** An address counts whole, and by the parts before and after the at sign. */
function withParts(word: string): readonly string[] {
  const separator = word.indexOf('@');
  return separator === -1 ? [word] : [word, word.slice(0, separator), word.slice(separator + 1)];
}

function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}
