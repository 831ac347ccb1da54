/**
 * Words of one folder. English gives the shape; another language fills the same one. Words are reached through the
 * language of a request (`context.words(featureWords)`), never as English alone.
 */
export type Words<Shape> = { readonly english: Shape };

export function defineWords<Shape>(english: Shape): Words<Shape> {
  return { english };
}

/** All words of one folder: its `words.ts`, imported as a whole. */
export type WordsFile = Readonly<Record<string, Words<unknown>>>;

/** All words of one folder in another language: the content of a file such as `words.de.ts`. */
export type Translation = ReadonlyMap<Words<unknown>, unknown>;

/** Translates a file of words; the compiler reports each word that is left out. */
export function translate<File extends WordsFile>(
  file: File,
  translations: { readonly [Name in keyof File]: File[Name]['english'] },
): Translation {
  return new Map(Object.entries(file).map(([name, words]) => [words, translations[name]]));
}

/** Gives the words of a feature in one language. */
export type Wording = <Shape>(words: Words<Shape>) => Shape;

/** A language that pages and mails can be in. */
export type Language = {
  /** BCP 47, such as `en`; the `lang` of each page. */
  readonly tag: string;
  readonly words: Wording;
};

/** Declares a language by the translations of all files of words. */
export function defineLanguage(tag: string, translations: readonly Translation[]): Language {
  const known = new Map(translations.flatMap((translation) => [...translation]));
  const words = <Shape>(given: Words<Shape>): Shape =>
    // `translate` keeps each translation in the shape of its words.
    known.has(given) ? (known.get(given) as Shape) : given.english;
  return { tag, words };
}

export const english: Language = defineLanguage('en', []);

/** The names of the files with words that a language does not translate. */
export function untranslated(
  language: Language,
  files: Readonly<Record<string, WordsFile>>,
): readonly string[] {
  const isEnglish = (words: Words<unknown>) => language.words(words) === words.english;
  return Object.keys(files).filter((name) => Object.values(files[name] ?? {}).some(isEnglish));
}

/** The languages of a system; the first is used if the client accepts none. */
export type Languages = readonly [Language, ...Language[]];

/**
 * Chooses among the languages of a system for one request.
 * @param accepted the `Accept-Language` header (RFC 9110 §12.5.4)
 * @returns the first language where none is accepted
 */
export function chooseLanguage(languages: Languages, accepted: string | null): Language {
  const [first] = languages;
  if (accepted === null || languages.length === 1) return first;
  const wanted = accepted
    .split(',')
    .map((range) => {
      const [tag = '', quality = ''] = range.split(';');
      return { tag: tag.trim().toLowerCase(), quality: Number(/q=([\d.]+)/.exec(quality)?.[1] ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const found = languages.find((language) => matches(language.tag.toLowerCase(), tag));
    if (found !== undefined) return found;
  }
  return first;
}

// A range also matches what is more special, and `de-AT` is content with `de` (RFC 4647 §3.4, lookup).
function matches(tag: string, range: string): boolean {
  return range === '*' || tag === range || tag.startsWith(`${range}-`) || range.startsWith(`${tag}-`);
}
