import { RequestRefused } from '../problems.ts';

/** The largest body that is read, in bytes. */
const MAXIMUM_BODY_BYTES = 64 * 1024;

/** The fields of a submitted form. A field that was not sent reads as the empty text. */
export type Form = { readonly text: (name: string) => string };

const CONTENT_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Reads a form of type `application/x-www-form-urlencoded`, at most 64 KB, strictly: what does not decode as
 * UTF-8 or comes twice is refused rather than guessed at.
 * @throws {RequestRefused} 400, 413 or 415
 */
export async function readForm(request: Request): Promise<Form> {
  if (!CONTENT_TYPE.test(request.headers.get('content-type') ?? '')) throw new RequestRefused(415);
  const fields = parseFields(await readBody(request));
  return { text: (name) => fields.get(name) ?? '' };
}

async function readBody(request: Request): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > MAXIMUM_BODY_BYTES) throw new RequestRefused(413);
  try {
    return decodeUtf8(await readCounted(request));
  } catch (error) {
    // A body that breaks off is its sender's doing, and no fault of ours.
    throw error instanceof RequestRefused ? error : new RequestRefused(400);
  }
}

// What was announced need not be true, so the bytes are counted as they come.
async function readCounted(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > MAXIMUM_BODY_BYTES) throw new RequestRefused(413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RequestRefused(400);
  }
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
