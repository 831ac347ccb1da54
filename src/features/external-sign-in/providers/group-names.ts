import { z } from 'zod';
import { resultOrNull } from '../../../platform/runtime/index.ts';
import { givenAs, optionalSetting, refuse } from '../../../platform/settings/index.ts';

/** A part between two commas: a text in double quotes, which may contain commas, and the text after it. */
type Part = { readonly quoted: string | null; readonly text: string };

/** RFC 4514 §2: an attribute type, `=`, a value. */
const RDN = /^([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*\S/;
/** RFC 4519 §2: the attribute types of directory names. */
const RDN_TYPE = /^(?:cn|ou|dc|o|c|l|st|street|uid|sn|givenname|serialnumber|dnqualifier|emailaddress)$/i;

const QUOTES = 'put each name that holds a comma into double quotes, or give a JSON array';
const QUOTES_IN_PAIRS = 'put such a group into double quotes: "CN=Staff,OU=Groups"=editor';

/** Names separated by commas, such as domains or groups; at least one. A name in double quotes may contain commas. */
export const nameList: z.ZodType<readonly string[], string> = givenAs(
  { list: 'json' },
  z.string().transform((text, context) => {
    const names = /^\s*[[{]/.test(text) ? readJson(text) : readNames(text);
    return typeof names === 'string' ? refuse(context, names) : names;
  }),
);

const jsonNames = z.array(z.string().trim().min(1)).min(1);

/** @returns the names, or what is wrong with them */
function readJson(text: string): readonly string[] | string {
  const names = jsonNames.safeParse(resultOrNull(() => JSON.parse(text)));
  return names.success ? names.data : 'is no JSON array of names; give one such as ["staff", "guests"]';
}

/** @returns the names, or what is wrong with them */
function readNames(text: string): readonly string[] | string {
  const parts = splitAtCommas(text);
  if (parts === null || parts.some((part) => part.quoted !== null && part.text !== ''))
    return `has a quotation mark in a wrong place; ${QUOTES}`;
  // As one name, several would admit no user.
  if (parts.some((part) => /[;\n]/.test(part.text)))
    return `has a semicolon or a line break, and commas separate names; ${QUOTES.replace('a comma', 'one')}`;
  const names = parts.map((part) => part.quoted?.trim() ?? part.text).filter((name) => name !== '');
  if (names.length === 0) return 'contains no name; give names separated by commas';
  // Split at its commas, a distinguished name may end in a group to which every user belongs (A65).
  const types = parts.flatMap(({ quoted, text: part }) =>
    quoted === null ? (RDN.exec(part)?.[1] ?? []) : [],
  );
  const isSplit = types.length > 1 || (names.length > 1 && types.some((type) => RDN_TYPE.test(type)));
  return isSplit ? `looks like a distinguished name, and commas separate names; ${QUOTES}` : names;
}

type NamePair = readonly [group: string, role: string];

/**
 * Parses pairs such as `staff=editor`, separated by commas. A group in double quotes may contain commas and `=`.
 * @returns the pairs, or what is wrong with them
 */
function readPairs(text: string): readonly NamePair[] | string {
  const pairs: NamePair[] = [];
  const parts = splitAtCommas(text);
  if (parts === null) return `has a quotation mark in a wrong place; ${QUOTES_IN_PAIRS}`;
  for (const { quoted, text: part } of parts) {
    const [before = '', ...words] = part.split('=');
    if (quoted !== null && before !== '') return `has a quotation mark in a wrong place; ${QUOTES_IN_PAIRS}`;
    if (quoted === null && RDN_TYPE.test(before.trim()))
      return `looks like a distinguished name, and commas separate pairs; ${QUOTES_IN_PAIRS}`;
    const [group, word] = [(quoted ?? before).trim(), words.join('=').trim()];
    pairs.push([group, word]);
  }
  return pairs;
}

/** Splits at the commas outside double quotes; null if a quote is not closed or begins inside a name. */
function splitAtCommas(text: string): readonly Part[] | null {
  const parts: Part[] = [];
  for (let rest: string | null = text; rest !== null; ) {
    const found: RegExpExecArray | null = /^\s*(?:"([^"]*)"\s*)?([^",]*)(,|$)/.exec(rest);
    if (found === null) return null;
    const [whole, quoted = null, plain = '', end] = found;
    parts.push({ quoted, text: plain.trim() });
    rest = end === ',' ? rest.slice(whole.length) : null;
  }
  return parts;
}

/** @param groups what names can be those of groups, if not all can */
export function rolesSetting(
  name: string,
  meaning: string,
  groups?: { readonly of: RegExp; readonly message: string },
) {
  const isGroup = (map: RoleMap) => [...map.keys()].every((group) => groups?.of.test(group) !== false);
  const schema = roleMap.refine(isGroup, { message: groups?.message ?? '' });
  return optionalSetting({
    name: `${name}_ROLES`,
    meaning,
    hasQuotes: true,
    schema: givenAs({ list: 'commas' }, schema),
  });
}

/** Roles by group; a group may have several roles, and a role several groups. */
export type RoleMap = ReadonlyMap<string, readonly string[]>;

const ROLE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
export const MAX_ROLES = 30;

/** Whether a text is a role: roles are stored separated by spaces. */
export function isRole(name: string): boolean {
  return ROLE.test(name);
}

const roleMap: z.ZodType<RoleMap, string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const pairs = readPairs(text);
    if (typeof pairs === 'string') return refuse(context, pairs);
    const roles = new Map<string, readonly string[]>();
    for (const [group, role] of pairs) {
      if (group === '' || !isRole(role) || pairs.length > MAX_ROLES)
        return refuse(
          context,
          `is no list of roles; give max. ${MAX_ROLES} pairs such as staff=editor, separated by commas`,
        );
      roles.set(group, [...(roles.get(group) ?? []), role]);
    }
    return roles;
  }),
);

/** Every role that groups have. */
export function rolesIn(roles: RoleMap): readonly string[] {
  return [...new Set([...roles.values()].flat())];
}

export function rolesOf(roles: RoleMap, groups: readonly string[]): readonly string[] {
  return [...new Set(groups.flatMap((group) => roles.get(group) ?? []))];
}
