// Writes src/platform/text/lookalikes.json: which letters look like which others.
// Source: the confusables data of UTS #39, as ICU carries it. Needs Debian's `python3-icu` and nothing else.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { foldCase } from '../src/platform/text/case-folding.ts';
import { isUsableInUsernames } from '../src/platform/text/code-points.ts';

const TARGET = new URL('../src/platform/text/lookalikes.json', import.meta.url);

// Prints, for each code point above ASCII that has another skeleton than itself: the code point, a tab, the skeleton.
const SKELETONS = `
import icu, sys
checker = icu.SpoofChecker()
print(icu.UNICODE_VERSION)
for point in list(range(0x80, 0xd800)) + list(range(0xe000, 0x30000)):
    skeleton = checker.getSkeleton(0, chr(point))
    if skeleton != chr(point):
        print('%x\\t%s' % (point, ' '.join('%x' % ord(c) for c in skeleton)))
`;

type Skeletons = { readonly version: string; readonly of: ReadonlyMap<string, string> };

function readSkeletons(): Skeletons {
  const output = execFileSync('/usr/bin/python3', ['-c', SKELETONS], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const [version = '', ...lines] = output.trim().split('\n');
  const pairs = lines.map((line) => {
    const [point = '', skeleton = ''] = line.split('\t');
    return [fromHex(point), skeleton.split(' ').map(fromHex).join('')] as const;
  });
  return { version, of: new Map(pairs) };
}

function fromHex(text: string): string {
  return String.fromCodePoint(Number.parseInt(text, 16));
}

const isAscii = /^[a-z0-9]+$/;
const isMark = /^\p{M}+$/u;
const isLatinWithMarks = /^[a-z0-9]+\p{M}*$/u;

/** The look of each letter of a folded, decomposed name, if it is allowed in a name. */
function buildTables({ of }: Skeletons) {
  const looks = new Map<string, string>();
  const capitals = new Map<string, string>();
  const candidates = new Set([...of.keys(), ...[...of.keys()].map((letter) => letter.toLowerCase())]);
  for (const letter of candidates) {
    if (!isOfACanonicalName(letter)) continue;
    const capital = letter.toUpperCase();
    const small = lookOf(of, letter);
    const large = lookOf(of, capital);
    // A capital letter's look is used if the small letter has none: В looks like B, though в does not.
    const look = [small, large].find((candidate) => candidate !== null && isAscii.test(candidate)) ?? small;
    if (look !== null && look !== letter && isRelevant(letter, look)) looks.set(letter, look);
    if (capital === letter) continue;
    if (large !== null && isAscii.test(large)) {
      if (!isSameCapital(capital, large, look)) capitals.set(capital, large);
    } else if (look !== null && isAscii.test(look)) {
      // Σ looks like no Latin letter, though σ does; so a name with it is not mistaken for a Latin one.
      capitals.set(capital, capital);
    }
  }
  // Looks are resolved completely; otherwise two names could look alike and still differ.
  const ends = [...looks].map(
    ([letter, look]) => [letter, [...look].map((point) => looks.get(point) ?? point).join('')] as const,
  );
  return { looks: new Map([...ends, ...DRAWN]), capitals };
}

/** UTS #39 maps these to i, while fonts draw a stroke like l. */
const DRAWN: ReadonlyMap<string, string> = new Map([
  ['\u0269', 'l'],
  ['\u04cf', 'l'],
]);

function isOfACanonicalName(letter: string): boolean {
  const isOnePoint = [...letter].length === 1 && letter.normalize('NFD') === letter;
  return isOnePoint && foldCase(letter) === letter && isUsableInUsernames(letter);
}

function isRelevant(letter: string, look: string): boolean {
  if (isMark.test(letter)) return isMark.test(look);
  return isLatinWithMarks.test(look) || [...look].every(isUsableInUsernames);
}

// UTS #39 maps I and l to one character; here ASCII letters stay distinct, so a capital like I looks like i. The
// palochka has no such capital: it is a stroke like l in both cases.
function isSameCapital(capital: string, large: string, look: string | null): boolean {
  return large === look || (large === 'l' && look === 'i' && capital !== '\u04c0');
}

function lookOf(of: ReadonlyMap<string, string>, letter: string): string | null {
  const skeleton = of.get(letter);
  if (skeleton === undefined) return null;
  return foldCase(skeleton).normalize('NFD');
}

function sorted(table: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const skeletons = readSkeletons();
const { looks, capitals } = buildTables(skeletons);
const tables = JSON.stringify({ looks: sorted(looks), capitals: sorted(capitals) }, null, 2);
// Escaped, because many of these characters look alike, or change what is before them.
const escaped = tables.replace(
  /[^\n -~]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
writeFileSync(TARGET, `${escaped}\n`);
console.log(`Unicode ${skeletons.version}: ${looks.size} lookalikes, ${capitals.size} capitals`);
