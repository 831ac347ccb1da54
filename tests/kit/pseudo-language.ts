import { defineLanguage, type Language, type Words } from '../../src/platform/words/language.ts';

/** Around what a text is given to contain, such as a name. */
const [START, END] = ['\uE000', '\uE001'];
const GIVEN = new RegExp(`(${START}[^${END}]*${END})`);

/** These are no texts: they say how dates and lists are written. */
const NO_TEXTS: readonly string[] = ['locale'];

/**
 * A language in which each letter of all words is “ж”, whichever feature they belong to. A text on a page or in a mail
 * that has other letters was not reached through the language.
 */
export const pseudoLanguage: Language = {
  tag: 'qps',
  words: <Shape>(words: Words<Shape>): Shape =>
    defineLanguage('qps', [new Map([[words, marked(words.english)]])]).words(words),
};

/** What a text in the pseudo-language says in other letters, without what it was given to contain. */
export function lettersOutside(text: string, given: readonly string[]): readonly string[] {
  const own = given
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, one) => rest.replaceAll(one, ''), text);
  return own.match(/[a-z]+/gi) ?? [];
}

function marked(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return NO_TEXTS.includes(key) ? value : markedText(value);
  if (typeof value === 'function')
    return (...given: readonly unknown[]) => {
      const text: unknown = Reflect.apply(value, undefined, given.map(enclosed));
      return marked(text);
    };
  if (Array.isArray(value)) return value.map((one) => marked(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, marked(one, name)]));
}

function enclosed(given: unknown): unknown {
  return typeof given === 'string' ? `${START}${given}${END}` : given;
}

function markedText(text: string): string {
  const parts = text.split(GIVEN);
  return parts
    .map((part) => (part.startsWith(START) ? part.slice(1, -1) : part.replaceAll(/[a-z]/gi, 'ж')))
    .join('');
}

/** The text that users read or hear in the content of a page: outside of its header, with the names in attributes. */
export function contentOf(page: string): string {
  const content = /<main[^>]*>([\s\S]*)<\/main>/.exec(page)?.[1] ?? '';
  const named = [...content.matchAll(/ (?:aria-label|data-show|alt|title|placeholder)="([^"]*)"/g)];
  const text = content.replaceAll(/<[^>]*>/g, ' ');
  return [text, ...named.map(([, name = '']) => name)]
    .join(' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
