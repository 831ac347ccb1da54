import { parseJson, readText } from './body.ts';
import { RequestRefused } from './problems.ts';

const MAXIMUM_BODY_BYTES = 64 * 1024;

/** The fields of a submitted form. A field that was not sent reads as the empty text. */
export type Form = {
  readonly text: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly isEmpty: boolean;
};

/** A form that was sent, as it came. */
export type SentForm = Form & { readonly body: string };

/** Instead of a form, for what is counted and was requested without one. */
export const NO_FORM: Form = { text: () => '', has: () => false, isEmpty: true };

const CONTENT_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Reads a form of type `application/x-www-form-urlencoded`, at most 64 KB, strictly: what does not decode as
 * UTF-8 or comes twice is refused rather than guessed at.
 * @throws {RequestRefused} 400, 413 or 415
 */
export async function readForm(request: Request): Promise<SentForm> {
  if (!CONTENT_TYPE.test(request.headers.get('content-type') ?? '')) throw new RequestRefused(415);
  const body = await readText(request, MAXIMUM_BODY_BYTES);
  const fields = parseFields(body);
  const isEmpty = fields.size === 0;
  return { body, text: (name) => fields.get(name) ?? '', has: (name) => fields.has(name), isEmpty };
}

/**
 * Reads a JSON object as the form that it stands for: `firstName` is the field `first-name`, `true` a checked box.
 * @throws {RequestRefused} 400, 413 or 415
 */
export async function readJsonForm(request: Request): Promise<SentForm> {
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) throw new RequestRefused(415);
  const body = await readText(request, MAXIMUM_BODY_BYTES);
  const fields = jsonFields(body);
  return {
    body,
    text: (name) => fields.get(name) ?? '',
    has: (name) => fields.has(name),
    isEmpty: fields.size === 0,
  };
}

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/** More than any form has. */
const MAXIMUM_JSON_FIELDS = 100;

// By hand: a schema describes each of thousands of wrong values, which takes a hundred milliseconds (A55).
function jsonFields(body: string): ReadonlyMap<string, string> {
  const parsed: unknown = body === '' ? {} : parseJson(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new RequestRefused(400);
  const entries: readonly [string, unknown][] = Object.entries(parsed);
  if (entries.length > MAXIMUM_JSON_FIELDS) throw new RequestRefused(400);
  const fields = new Map<string, string>();
  for (const [name, value] of entries) {
    if (value === null || value === false) continue;
    if (value !== true && typeof value !== 'string') throw new RequestRefused(400);
    fields.set(fieldName(name), value === true ? 'on' : value);
  }
  return fields;
}

/** The name that forms use for a field of JSON: `firstName` is `first-name`. */
export function fieldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** @see https://url.spec.whatwg.org/#urlencoded-parsing, but refusing where it would replace or pick */
function parseFields(body: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const pair of body.split('&')) {
    if (pair === '') continue;
    const separator = pair.indexOf('=');
    const name = decodeComponent(separator === -1 ? pair : pair.slice(0, separator));
    const value = separator === -1 ? '' : decodeComponent(pair.slice(separator + 1));
    if (fields.has(name)) throw new RequestRefused(400);
    fields.set(name, value);
  }
  return fields;
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new RequestRefused(400);
  }
}

/**
 * A field that users neither see nor hear. Browsers and password managers are asked to leave it empty, and some fill it
 * in all the same: so a form with it filled is drawn again without it, and says why.
 */
export const TRAP_FIELD = 'comment';

/** Whether a form was filled in by a robot that fills in every field. */
export function isTrapFilled(form: Form): boolean {
  return form.text(TRAP_FIELD) !== '';
}

/** Whether a form is drawn with the trap again: not for a user whose browser fills it in. */
export function keepsTrap(form: Form): boolean {
  return form.has(TRAP_FIELD) && !isTrapFilled(form);
}
