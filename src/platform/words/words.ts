/**
 * The words of one feature. English gives the shape; another language fills the same one. Words are reached through the
 * language of a request (`context.words(featureWords)`), never as English alone.
 */
export type Words<Shape> = { readonly english: Shape };

export function defineWords<Shape>(english: Shape): Words<Shape> {
  return { english };
}

/** The words of one feature in another language. */
export type Translation = readonly [Words<unknown>, unknown];

export function translate<Shape>(words: Words<Shape>, translation: NoInfer<Shape>): Translation {
  return [words, translation];
}

/** Gives the words of a feature in one language. */
export type Wording = <Shape>(words: Words<Shape>) => Shape;

/** A language that pages and mails can be in. */
export type Language = {
  /** BCP 47, such as `en`; the `lang` of each page. */
  readonly tag: string;
  readonly words: Wording;
};

/** Declares a language; what it does not translate is shown in English. */
export function defineLanguage(tag: string, translations: readonly Translation[]): Language {
  const known = new Map<Words<unknown>, unknown>(translations);
  const words = <Shape>(given: Words<Shape>): Shape =>
    known.has(given) ? (known.get(given) as Shape) : given.english;
  return { tag, words };
}

/** How dates and lists are written: a BCP 47 tag, which can be more specific than that of the language. */
export const localeWords = defineWords({ locale: 'en-GB' });

export const english: Language = defineLanguage('en', []);

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
