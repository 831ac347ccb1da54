import type { Fault } from './read.ts';

/** What settings of one kind begin with, while they are in use. */
export type OwnPrefix = {
  /** Such as `OIDC_ACME_`. */
  readonly prefix: string;
  /** Whether no other program has a variable that begins so; else only names that would limit access are judged. */
  readonly isExclusive: boolean;
};

/** Names shorter than this have too many neighbours among variables of other programs. */
const SHORTEST_JUDGED = 10;
const LARGEST_DISTANCE = 2;
/** A short name is not as far from its neighbours. */
const LETTERS_PER_MISTAKE = 4;

/** Words in names that limit who may come in. Ignoring such a name would admit every user (A65). */
const LIMITING =
  /(?:^|_)(?:ALLOW|RESTRICT|ORGANI[SZ]ATION|ORGS?(?:_|$)|DOMAIN|HOSTED|GROUP|TEAM|MEMBER|ROLE|TENANT|TRUST)/;

/**
 * The faults of variables that are no settings and were most likely meant to be. Variables of other programs are none
 * of them: a name has to lie close to that of a setting, or to begin as those of a provider in use do.
 * @param given the names of all variables that have a value
 */
export function misspeltNames(
  given: readonly string[],
  settings: readonly string[],
  prefixes: readonly OwnPrefix[],
): readonly Fault[] {
  const unknown = given.filter((name) => !settings.includes(name));
  return unknown.flatMap((name) => {
    const hint = hintFor(name.toUpperCase(), given, settings, prefixes);
    return hint === null ? [] : [{ name, message: `is not a setting; ${hint}` }];
  });
}

function hintFor(
  name: string,
  given: readonly string[],
  settings: readonly string[],
  prefixes: readonly OwnPrefix[],
): string | null {
  // GITHUB_TOKEN and its like are what other tools call their access tokens.
  if (/^[A-Z]+_TOKEN$/.test(name)) return null;
  const own = prefixes
    .filter(({ prefix }) => name.startsWith(prefix))
    .toSorted((one, other) => other.prefix.length - one.prefix.length)
    .find(({ prefix, isExclusive }) => isExclusive || LIMITING.test(name.slice(prefix.length)));
  if (own !== undefined) {
    const siblings = settings.filter((setting) => setting.startsWith(own.prefix));
    const meant = nearest(name, siblings, own.prefix.length);
    return meant === null ? `those that begin so are ${siblings.join(', ')}` : `did you mean ${meant}?`;
  }
  if (name.length < SHORTEST_JUDGED) return null;
  const meant = nearest(name, settings);
  // Where the setting itself is given, the other name belongs to another program.
  return meant === null || given.includes(meant) ? null : `did you mean ${meant}?`;
}

/** @param start how many letters at the beginning are no part of the comparison, because all have them */
function nearest(name: string, settings: readonly string[], start = 0): string | null {
  const largest = Math.min(LARGEST_DISTANCE, Math.floor((name.length - start) / LETTERS_PER_MISTAKE));
  const measured = settings.map((setting) => ({
    setting,
    distance: Math.min(distance(name, setting), distance(folded(name), folded(setting))),
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

/** How many letters were left out, added, changed or swapped with the next (optimal string alignment). */
function distance(one: string, other: string): number {
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
  }
  return at(last, other.length);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.POSITIVE_INFINITY;
}
