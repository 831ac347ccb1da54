import { z } from 'zod';

/** How an option of the library is written in TypeScript; the environment has a text for each. */
export type OptionKind =
  | 'text'
  | 'number'
  | 'duration'
  | 'url'
  /** `on` and `off` in the environment. */
  | 'boolean'
  | { readonly words: readonly string[] }
  /** An array, or the text of the environment, which joins the members in this way. */
  | { readonly list: 'commas' | 'spaces' | 'json' };

const kinds = z.registry<{ readonly kind: OptionKind }>();

/** Says how the option of a schema is written; without it, it is a text. */
export function givenAs<Schema extends z.ZodType>(kind: OptionKind, schema: Schema): Schema {
  kinds.add(schema, { kind });
  return schema;
}

export function optionKind(schema: z.ZodType): OptionKind {
  return kinds.get(schema)?.kind ?? 'text';
}

export type TextReading =
  | { readonly ok: true; readonly text: string | undefined }
  | { readonly ok: false; readonly problem: string };

/**
 * The text that the environment would have for the value of an option; undefined where the option is absent. A problem never
 * quotes the value, which may be secret.
 */
export function textOfOption(value: unknown, kind: OptionKind): TextReading {
  if (value === undefined) return { ok: true, text: undefined };
  if (typeof value === 'string') return { ok: true, text: value };
  if (typeof value === 'number' || value instanceof URL) return { ok: true, text: String(value) };
  if (typeof value === 'boolean' && kind === 'boolean') return { ok: true, text: value ? 'on' : 'off' };
  if (Array.isArray(value) && typeof kind === 'object' && 'list' in kind) return textOfList(value, kind.list);
  return { ok: false, problem: `is of a wrong type; give ${wantedFor(kind)}` };
}

const SEPARATORS = { commas: ',', spaces: ' ' } as const;

function textOfList(members: readonly unknown[], join: 'commas' | 'spaces' | 'json'): TextReading {
  const texts = members.filter((member) => typeof member === 'string');
  if (texts.length < members.length) return { ok: false, problem: 'holds what is no text; give texts alone' };
  if (join === 'json') return { ok: true, text: JSON.stringify(texts) };
  // Joined, such a member would become two.
  if (texts.some((text) => text.includes(SEPARATORS[join])))
    return { ok: false, problem: `has a member that contains ${join}; give each member on its own` };
  return { ok: true, text: texts.join(SEPARATORS[join]) };
}

function wantedFor(kind: OptionKind): string {
  if (kind === 'boolean') return 'true or false';
  if (kind === 'number') return 'a number';
  if (kind === 'duration') return 'a text such as 30m';
  if (kind === 'url') return 'a text or a URL';
  if (kind === 'text') return 'a text';
  return 'list' in kind ? 'an array of texts, or one text' : `one of ${kind.words.join(', ')}`;
}
