import type { Secrets } from '../crypto/index.ts';
import type { Wording, Words } from '../words/index.ts';
import { isSigned, sign } from './signatures.ts';

/** Whether a message reports something done, or something that needs attention. */
type FlashKind = 'success' | 'notice';

type Text = string | ((count: number) => string);

/** A message that a redirect can leave for the next page. The cookie carries its name, never its text. */
export type FlashDefinition = {
  readonly name: string;
  readonly kind: FlashKind;
  readonly isCounted: boolean;
  readonly text: (words: Wording, count: number) => string;
};

/** A message as it is left: the definition alone, or with the number that its text contains. */
export type FlashMessage = FlashDefinition | CountedFlash;
type CountedFlash = { readonly flash: FlashDefinition; readonly count: number };

/** Declares messages; each key is the name that the cookie carries. */
export function defineFlashes<Names extends string>(
  words: Words<Readonly<Record<Names, Text>>>,
  kinds: Readonly<Record<NoInfer<Names>, FlashKind>>,
): Readonly<Record<Names, FlashDefinition>>;
export function defineFlashes(
  words: Words<Readonly<Record<string, Text>>>,
  kinds: Readonly<Record<string, FlashKind>>,
): Readonly<Record<string, FlashDefinition>> {
  const define = (name: string, kind: FlashKind): FlashDefinition => ({
    name,
    kind,
    isCounted: typeof words.english[name] === 'function',
    text: (wording, count) => {
      const text = wording(words)[name] ?? '';
      return typeof text === 'string' ? text : text(count);
    },
  });
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, define(name, kind)]));
}

/** How long a message waits for its page, in seconds. */
export const FLASH_LIFETIME_SECONDS = 60;

export type FlashCodec = {
  readonly encode: (...messages: readonly FlashMessage[]) => string;
  /** The messages of a cookie; none when we never wrote it. */
  readonly decode: (cookie: string) => readonly CountedFlash[];
};

/** Signs messages, so that a cookie planted by a sibling domain shows no text. */
export function createFlashCodec(
  secrets: Secrets,
  definitions: ReadonlyMap<string, FlashDefinition>,
): FlashCodec {
  const keys = secrets.keys('flash');
  // A signed one may still be unknown: an older or newer version wrote it.
  const messageOf = (label: string): readonly CountedFlash[] => {
    const [, name = '', count] = /^([a-zA-Z]+)(?:-(\d{1,9}))?$/.exec(label) ?? [];
    const flash = definitions.get(name);
    if (flash === undefined || flash.isCounted !== (count !== undefined)) return [];
    return [{ flash, count: Number(count ?? 0) }];
  };
  return {
    encode: (...messages) => {
      const label = messages.map(labelOf).join('_');
      return `${label}.${sign(keys, [label])}`;
    },
    decode: (cookie) => {
      const separator = cookie.indexOf('.');
      const label = cookie.slice(0, Math.max(separator, 0));
      if (!isSigned(keys, [label], cookie.slice(separator + 1))) return [];
      return label.split('_').flatMap(messageOf);
    },
  };
}

function labelOf(message: FlashMessage): string {
  return 'flash' in message ? `${message.flash.name}-${message.count}` : message.name;
}
