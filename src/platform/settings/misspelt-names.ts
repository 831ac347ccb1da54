import { nearestName } from '../text/index.ts';
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
/** Letters for each mistake in a name, among the names of all software. */
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
    settings.find((setting) => setting === rest) ??
    nearestName(rest, settings) ??
    abbreviated(rest, settings);
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
    nearestName(name, withFiles, { perMistake: LETTERS_PER_MISTAKE_ANYWHERE }) ?? abbreviated(name, settings);
  // Where the setting itself is given, the other name belongs to another program.
  return meant === null || all.includes(meant) ? null : `did you mean ${meant}?`;
}

function hintAmong(name: string, settings: readonly string[], prefix: string): string {
  const siblings = settings.filter((setting) => setting.startsWith(prefix));
  const meant = nearestName(name, siblings, { start: prefix.length });
  return meant === null ? `those that begin so are ${siblings.join(', ')}` : `did you mean ${meant}?`;
}

function isLimiting(rest: string): boolean {
  return rest.split('_').some((word) => nearestName(word, LIMITING) !== null);
}

/** Whether a name is that of a setting that says which users of a provider in use are allowed, without its prefix or with another. */
function isAllowingUnder(name: string, setting: string, prefixes: readonly OwnPrefix[]): boolean {
  const own = prefixes.find(({ prefix }) => setting.startsWith(prefix));
  const rest = own === undefined ? '' : setting.slice(own.prefix.length);
  if (own === undefined || !rest.startsWith('ALLOWED_')) return false;
  const [first = '', ...others] = name.split('_');
  const isOwn = ['GH', 'OIDC', ...own.prefix.split('_')].includes(first);
  return nearestName(isOwn ? others.join('_') : name, [rest]) !== null;
}

/** The setting of three words or more that a name is the beginning of. */
function abbreviated(name: string, settings: readonly string[]): string | null {
  if (name.split('_').length < 3) return null;
  return settings.find((setting) => setting.startsWith(name)) ?? null;
}
