import { momentText } from '../web/index.ts';
import { english, type Language, localeWords, type Wording, type Words } from '../words/index.ts';
import { mailWords } from './words.ts';

/** A page of this site, with its query. A mail links to it by `BASE_URL` and nothing else (A28). */
export type PagePath = `/${string}`;

/** When something was done, and from where, in words; null where it is unknown. */
export type Occasion = {
  /** Milliseconds of UTC. */
  readonly at: number;
  /** Such as “Firefox on Linux”. Never the text that a browser sends: its sender chooses that. */
  readonly browser: string | null;
  /** Such as “Berlin, Germany”. */
  readonly place: string | null;
  readonly address: string | null;
  /** The language of the request that does it, and of the mail about it. */
  readonly language: Language;
};

/** When something was done by no browser, or by one whose location is not disclosed. */
export function occasionWithoutDevice(now: number, language: Language = english): Occasion {
  return { at: now, browser: null, place: null, address: null, language };
}

/** What a mail says about this site. */
export type MailSite = { readonly name: string; readonly origin: string; readonly basePath: string };

/** What a mail says. Everything in it is plain text. */
export type EmailContent = {
  readonly subject: string;
  readonly lead: readonly string[];
  readonly action?: Link;
  readonly code?: { readonly before: string; readonly code: string };
  /** When the link or the code expires. */
  readonly expires?: string;
  /** Follows the time of expiry. */
  readonly afterExpiry?: string;
  /** What to do if it was not the user. */
  readonly advice?: readonly string[];
  readonly help?: Link;
};

export type Link = { readonly label: string; readonly address: string };

/** The words of a notice; `help` is the label of a link. */
type NoticeWords = Readonly<Record<'subject' | 'lead', (siteName: string) => string>> & {
  readonly advice: string;
  readonly help?: string;
};

/** What a notice says: what happened, and what to do if it was not the user, perhaps on a page. */
export function noticeContent(
  { subject, lead, advice, help }: NoticeWords,
  { siteName, page }: { readonly siteName: string; readonly page?: string },
): EmailContent {
  return {
    subject: subject(siteName),
    lead: [lead(siteName)],
    advice: [advice],
    ...(help !== undefined && page !== undefined && { help: { label: help, address: page } }),
  };
}

/** A mail with its data, before it is rendered. */
export type Email = {
  readonly name: string;
  readonly write: (occasion: Occasion, site: MailSite) => WrittenEmail;
};

export type WrittenEmail = {
  readonly content: EmailContent;
  /** The name that it greets; null where the address is not confirmed. */
  readonly recipientName: string | null;
  /** The values of the placeholders of templates, each on one line; empty where it is not known. */
  readonly values: Readonly<Record<string, string>>;
};

/** What a mail is for. For docs/email.md. */
export type EmailPurpose = {
  readonly when: string;
  /** Left out for the address of its recipient’s own. */
  readonly to?: string;
  readonly says: string;
  /** What its link or code does, and for how long; left out where it has neither. */
  readonly link?: string;
};

/** A mail that a feature sends. */
export type EmailDefinition<Data> = {
  /** The name that the outbox stores, and that the files of templates begin with. */
  readonly name: string;
  readonly sent: EmailPurpose;
  readonly fields: Fields;
  /** What a template can contain. */
  readonly placeholders: readonly string[];
  readonly with: (data: Data) => Email;
};

/** How one value of a mail is written. The key of a field is its placeholder in templates. */
export type Field<Value> = { readonly write: (value: Value, scope: FieldScope) => string };
type FieldScope = { readonly site: MailSite; readonly words: Wording };

export const text: Field<string> = { write: (value) => oneLine(value) };
/** The name that the mail greets; null for an address that is not confirmed, since any user chooses any name. */
export const recipientName: Field<string | null> = {
  write: (name) => (name === null ? '' : oneLine(name)),
};
/** @throws {TypeError} when a page is not of this site (A28) */
export const link: Field<PagePath> = { write: (page, { site }) => linkTo(page, site) };
/** Milliseconds of UTC. */
export const moment: Field<number> = { write: (at, { words }) => momentText(words, at) };
export const list: Field<readonly string[]> = {
  write: (labels, { words }) =>
    new Intl.ListFormat(words(localeWords).locale).format(new Set(labels.map(oneLine))),
};

/** A mail as it is read. */
export type RenderedMail = { readonly subject: string; readonly text: string; readonly html: string };

const SITE_PLACEHOLDERS = ['siteName', 'siteAddress'] as const;
const OCCASION_PLACEHOLDERS = ['when', 'where'] as const;

type Values<Key> = Readonly<Record<Extract<Key, string> | (typeof SITE_PLACEHOLDERS)[number], string>>;
type Fields = Readonly<Record<string, Field<never>>>;
type DataOf<F> = { readonly [Key in keyof F]: F[Key] extends Field<infer Value> ? Value : never };

type EmailOptions<Shape, F> = {
  readonly name: string;
  readonly sent: EmailPurpose;
  readonly data: F;
  /** Left out for a mail that does not say when and from where it was caused. */
  readonly hasOccasion?: false;
  readonly content: (words: Shape, values: Values<keyof F>) => EmailContent;
};

/** Declares the mails of a feature, with the words that they consist of. */
export function defineEmails<Shape, E extends Readonly<Record<string, Fields>>>(
  words: Words<Shape>,
  emails: { readonly [Key in keyof E]: EmailOptions<Shape, E[Key]> },
): { readonly [Key in keyof E]: EmailDefinition<DataOf<E[Key]>> };
export function defineEmails<Shape>(
  words: Words<Shape>,
  emails: Readonly<Record<string, EmailOptions<Shape, Readonly<Record<string, Field<unknown>>>>>>,
): Readonly<Record<string, EmailDefinition<Readonly<Record<string, unknown>>>>> {
  return Object.fromEntries(
    Object.entries(emails).map(([key, options]) => [key, defineEmail(words, options)]),
  );
}

function defineEmail<Shape>(
  words: Words<Shape>,
  options: EmailOptions<Shape, Readonly<Record<string, Field<unknown>>>>,
): EmailDefinition<Readonly<Record<string, unknown>>> {
  const { name, sent, data: fields, hasOccasion = true, content } = options;
  const nameKey = Object.keys(fields).find((key) => fields[key] === recipientName);
  const occasionPlaceholders = hasOccasion ? OCCASION_PLACEHOLDERS : [];
  return {
    name,
    sent,
    fields,
    placeholders: [...SITE_PLACEHOLDERS, ...Object.keys(fields), ...occasionPlaceholders],
    with: (data) => ({
      name,
      write: (occasion, site) => {
        const { words: wording } = occasion.language;
        const scope = { site, words: wording };
        const written = Object.entries(fields).map(([key, field]) => [key, field.write(data[key], scope)]);
        const values = {
          siteName: oneLine(site.name),
          siteAddress: site.origin,
          ...Object.fromEntries(written),
          ...(hasOccasion && occasionValues(occasion)),
        };
        const greeted = nameKey === undefined ? '' : values[nameKey];
        return {
          content: content(wording(words), values),
          recipientName: greeted === '' ? null : greeted,
          values,
        };
      },
    }),
  };
}

function occasionValues({ at, browser, place, address, language }: Occasion) {
  const words = language.words(mailWords);
  const parts = [
    browser,
    place === null ? null : words.place(place),
    address === null ? null : words.address(address),
  ];
  return {
    when: momentText(language.words, at),
    where: parts.flatMap((part) => (part === null ? [] : [oneLine(part)])).join(', '),
  };
}

function linkTo(page: PagePath, { origin, basePath }: MailSite): string {
  const address = new URL(basePath + page, origin);
  if (address.origin !== origin) throw new TypeError('a mail links to pages of this site only');
  return address.href;
}

const LONGEST = 200;

// Without control characters, characters that change the direction of text, and line separators: no text that a user
// chose begins a line (A43).
function oneLine(value: string): string {
  const flat = value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST - 1)}…`;
}

/** The mail of `latchkey mail test`. */
export const emails = defineEmails(mailWords, {
  test: {
    name: 'test',
    sent: { when: '`latchkey mail test`', to: 'the given address', says: 'mail works' },
    data: {},
    content: ({ test: words }, { siteName, siteAddress }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.open(siteName), address: siteAddress },
    }),
  },
});
