const LARGEST_DISTANCE = 2;
/** A short name is not as far from its neighbours. */
const LETTERS_PER_MISTAKE = 4;

/**
 * The name that is the same but for a mistake or two; null if there is none, or if the names are too short for that.
 * @param options `start`: how many letters at the beginning are no part of the comparison, because all have them;
 *   `perMistake`: how many letters a name needs for each mistake in it
 */
export function nearestName(
  name: string,
  settings: readonly string[],
  {
    start = 0,
    perMistake = LETTERS_PER_MISTAKE,
  }: { readonly start?: number; readonly perMistake?: number } = {},
): string | null {
  const largest = Math.min(LARGEST_DISTANCE, Math.floor((name.length - start) / perMistake));
  const within = (one: string, other: string) => distance(one, other, largest);
  const inSingular = folded(name);
  const measured = settings.map((setting) => ({
    setting,
    distance: Math.min(within(name, setting), within(inSingular, folded(setting))),
  }));
  const [best] = measured.toSorted((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= largest ? best.setting : null;
}

/** The name in the singular and in one of the two English spellings. */
function folded(name: string): string {
  return name
    .replaceAll(/IES(?=_|$)/g, 'Y')
    .replaceAll(/S(?=_|$)/g, '')
    .replaceAll('Z', 'S');
}

/**
 * How many letters were left out, added, changed or swapped with the next (optimal string alignment).
 * @param largest beyond which it does not matter, so that most pairs of names are ruled out at a glance
 * @returns infinity beyond it
 */
function distance(one: string, other: string, largest: number): number {
  if (Math.abs(one.length - other.length) > largest) return Number.POSITIVE_INFINITY;
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwapped && row > 1 && column > 1 ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, current];
    // A later row continues from one of these two.
    if (Math.min(...before) > largest && Math.min(...last) > largest) return Number.POSITIVE_INFINITY;
  }
  return at(last, other.length);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.POSITIVE_INFINITY;
}
