/**
 * Scripts in everyday use; names in historic or liturgical ones are too easily made to look like others.
 * @see UAX #31, Table 5 “Recommended Scripts”
 */
const RECOMMENDED_SCRIPTS = [
  'Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hebr Khmr Knda Laoo',
  'Latn Mlym Mymr Orya Sinh Taml Telu Thaa Thai Tibt',
].flatMap((row) => row.split(' '));

/** Scripts that one name may mix. @see UTS #39 §5.2 “Highly Restrictive” */
const MIXED_SCRIPTS = [
  ['Latn', 'Hani', 'Hira', 'Kana'],
  ['Latn', 'Hani', 'Bopo'],
  ['Latn', 'Hani', 'Hang'],
];

// RFC 8264 §9: letters and digits (§9.1); what is ignorable, compatible or contextual (§9.5, §9.10, §9.13, §9.17) stays
// out, with no exception for joiners: they cannot be seen. Of printable ASCII (§9.11) only marks that names are written
// with: the rest is markup, paths or addresses to whatever shows a name next (A32). Of letters that belong to no script
// only the Japanese long mark: the others pass for an apostrophe, or lengthen a word unseen (RFC 5892 §2.6 names some).
const USABLE =
  /^(?:[0-9A-Za-z'+._-]|(?!\p{ASCII})(?!\p{DI})(?![\u0640\u07fa\u302e\u302f])(?!(?!\u30fc)(?=\p{L})\p{sc=Zyyy})(?![ᄀ-ᇿꥠ-ꥼힰ-ퟻ])[\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}\p{Mn}\p{Mc}])$/u;

/** Whether a normalised username may contain a code point: the IdentifierClass of PRECIS. */
export function isUsableInUsernames(point: string): boolean {
  return USABLE.test(point);
}

const ONE_SCRIPT = scriptPattern([...RECOMMENDED_SCRIPTS.map((script) => [script]), ...MIXED_SCRIPTS]);

/** Whether all letters come from one script, or from scripts that are written together. */
export function isOfOneScript(text: string): boolean {
  return ONE_SCRIPT.test(text);
}

function scriptPattern(combinations: readonly (readonly string[])[]): RegExp {
  const alternatives = combinations.map((scripts) => {
    const letters = scripts.map((script) => `\\p{scx=${script}}`).join('');
    return `[${letters}\\p{sc=Zyyy}\\p{sc=Zinh}]*`;
  });
  return new RegExp(`^(?:${alternatives.join('|')})$`, 'u');
}

/** Whether all digits belong to one system; `1` and `١` in one name are a trick. @see UTS #39 §5.3 */
export function isOfOneDigitSystem(text: string): boolean {
  // The ten digits of a system are consecutive and never cross a row of sixteen code points.
  const rows = new Set((text.match(/\p{Nd}/gu) ?? []).map((digit) => (digit.codePointAt(0) ?? 0) >> 4));
  return rows.size <= 1;
}

const RIGHT_TO_LEFT = /[\p{Script=Hebr}\p{Script=Arab}\p{Script=Thaa}]/u;

/**
 * Whether the name reads in one direction: one from right to left begins with a letter, ends with a letter or digit, and
 * has no letter of the other direction in it. @see RFC 5893 §2, rules 1–4
 */
export function isOfOneDirection(text: string): boolean {
  if (/^\p{M}/u.test(text)) return false;
  return !RIGHT_TO_LEFT.test(text) || /^\p{L}(?:[^A-Za-z]*[\p{L}\p{M}\p{Nd}])?$/u.test(text);
}
