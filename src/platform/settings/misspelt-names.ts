import { withoutOwnPrefix } from './own-prefix.ts';
import type { Fault } from './read.ts';

/** What settings of one kind begin with, while they are in use. */
export type OwnPrefix = {
  /** Such as `OIDC_ACME_`. */
  readonly prefix: string;
  /** Whether no other software has a variable that begins so; otherwise only names that would limit access are checked. */
  readonly isExclusive: boolean;
};

/** Names shorter than this have too many neighbours among variables of other software. */
const SHORTEST_CHECKED = 10;
const LARGEST_DISTANCE = 2;
/** A short name is not as far from its neighbours. */
const LETTERS_PER_MISTAKE = 4;
/** The same among the names of all software. */
const LETTERS_PER_MISTAKE_ANYWHERE = 6;

/** Words in names that limit who may come in. Ignoring such a name would admit every user (A65). */
const LIMITING =
  `ALLOW ALLOWED ALLOWLIST WHITELIST PERMITTED RESTRICT RESTRICTED ORGANISATION ORG DOMAIN HOSTED HD
  WORKSPACE GROUP TEAM MEMBER MEMBERSHIP ROLE TENANT DIRECTORY TRUST TRUSTED ENTERPRISE ONLY NEW REGISTRATION SIGNUP`.split(
    /\s+/,
  );
/** What limits who registers, in whatever words. */
const OF_REGISTRATION =
  /^REGISTRATIONS?_|^(?:ALLOW|DISABLE|ENABLE|OPEN|CLOSE|RESTRICT)D?_(?:USER_)?(?:REGISTRATION|SIGN_?UP)S?$|^SIGN_?UPS?_(?:ALLOWED|CLOSED|DISABLED|ENABLED|MODE|OPEN|POLICY)$|^(?:INVITES?|INVITATIONS?)_ONLY$|^BLOCK(?:ED)?_.*(?:DISPOSABLE|DOMAIN|MAIL)/;
/** What requires a second factor, in whatever words. */
const OF_FACTORS =
  /^(?:REQUIRE|ENFORCE|FORCE|MANDATORY)D?_(?:MFA|2FA|TOTP|TWO_?FACTOR|SECOND_FACTORS?)$|^(?:MFA|2FA)_(?:ENFORCE|FORCE|REQUIRE)D?(?:_.*)?$|^(?:MFA|2FA)_(?:FOR_)?(?:ROLE|GROUP|USER)S?$|^(?:MFA|2FA)_(?:MODE|POLICY|REQUIREMENT|MANDATORY)$/;
/** Variables under Latchkey's own prefix that its files for deployments have for proxies. */
const OF_DEPLOYMENTS = ['LATCHKEY_DOMAIN', 'LATCHKEY_UPSTREAM'];
/** Variables of other software under the name of a provider. */
const OF_OTHERS = /_(?:TOKEN|ARN)$|^GITHUB_WORKSPACE$|^GOOGLE_(?:APPLICATION|CLOUD|EXTERNAL)_/;

/**
 * The faults of variables that are no settings and were most likely meant to be. Variables of other software are ignored:
 * a name has to be close to that of a setting, or to begin like those of a provider in use.
 * @param given the names of all variables that have a value
 */
export function misspeltNames(
  given: readonly string[],
  settings: readonly string[],
  prefixes: readonly OwnPrefix[],
): readonly Fault[] {
  const unknown = given.filter((name) => !settings.includes(withoutOwnPrefix(name)));
  const all = given.map(withoutOwnPrefix);
  return unknown.flatMap((name) => {
    const upper = name.toUpperCase();
    const own = withoutOwnPrefix(upper);
    const hint = own === upper ? hintFor(upper, all, settings, prefixes) : hintForOwn(upper, settings);
    return hint === null ? [] : [{ name, message: `is not a setting; ${hint}` }];
  });
}

/** No other software has variables that begin with `LATCHKEY_`. */
function hintForOwn(name: string, settings: readonly string[]): string | null {
  if (OF_DEPLOYMENTS.includes(name)) return null;
  const rest = withoutOwnPrefix(name);
  const meant =
    settings.find((setting) => setting === rest) ?? nearest(rest, settings) ?? abbreviated(rest, settings);
  return meant === null ? 'docs/settings.md lists the settings' : `did you mean LATCHKEY_${meant}?`;
}

function hintFor(
  name: string,
  all: readonly string[],
  settings: readonly string[],
  prefixes: readonly OwnPrefix[],
): string | null {
  if (OF_OTHERS.test(name)) return null;
  const own = prefixes
    .filter(({ prefix }) => name.startsWith(prefix))
    .toSorted((one, other) => other.prefix.length - one.prefix.length)
    .find(({ prefix, isExclusive }) => isExclusive || isLimiting(name.slice(prefix.length)));
  if (own !== undefined) return hintAmong(name, settings, own.prefix);
  const short = settings.find((setting) => isAllowingUnder(name, setting, prefixes));
  if (short !== undefined) return `did you mean ${short}?`;
  if (OF_REGISTRATION.test(name))
    return hintAmong(name, settings, name.startsWith('B') ? 'BLOCK' : 'REGISTRATION');
  if (OF_FACTORS.test(name)) return hintAmong(name, settings, 'MFA');
  if (name.length < SHORTEST_CHECKED) return null;
  const withFiles = [...settings, ...settings.map((setting) => `${setting}_FILE`)];
  const meant =
    nearest(name, withFiles, { perMistake: LETTERS_PER_MISTAKE_ANYWHERE }) ?? abbreviated(name, settings);
  // Where the setting itself is given, the other name belongs to another program.
  return meant === null || all.includes(meant) ? null : `did you mean ${meant}?`;
}

function hintAmong(name: string, settings: readonly string[], prefix: string): string {
  const siblings = settings.filter((setting) => setting.startsWith(prefix));
  const meant = nearest(name, siblings, { start: prefix.length });
  return meant === null ? `those that begin so are ${siblings.join(', ')}` : `did you mean ${meant}?`;
}

function isLimiting(rest: string): boolean {
  return rest.split('_').some((word) => nearest(word, LIMITING) !== null);
}

/** Whether a name is that of a setting that says which users of a provider in use are allowed, without its prefix or with another. */
function isAllowingUnder(name: string, setting: string, prefixes: readonly OwnPrefix[]): boolean {
  const own = prefixes.find(({ prefix }) => setting.startsWith(prefix));
  const rest = own === undefined ? '' : setting.slice(own.prefix.length);
  if (own === undefined || !rest.startsWith('ALLOWED_')) return false;
  const [first = '', ...others] = name.split('_');
  const isOwn = ['GH', 'OIDC', ...own.prefix.split('_')].includes(first);
  return nearest(isOwn ? others.join('_') : name, [rest]) !== null;
}

/** The setting of three words or more that a name is the beginning of. */
function abbreviated(name: string, settings: readonly string[]): string | null {
  if (name.split('_').length < 3) return null;
  return settings.find((setting) => setting.startsWith(name)) ?? null;
}

/** The name that is the same but for a mistake or two; null if there is none, or if the names are too short for that. */
export function nearestName(name: string, names: readonly string[]): string | null {
  return nearest(name, names);
}

/** @param options `start`: how many letters at the beginning are no part of the comparison, because all have them */
function nearest(
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
