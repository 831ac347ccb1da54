import { readFileSync } from 'node:fs';
import { readPath } from '../runtime/index.ts';

/** The text of a file, or what is wrong with it, in words that quote nothing of it. */
export type TextFileReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly isEmpty: boolean };

export const BYTE_ORDER_MARK = '\uFEFF';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'names a file that is not there; give the path of one',
  ENOTDIR: 'names a file below another file; give the path of one',
  EACCES: 'cannot be read by this user; change the owner or the mode of the file',
  EPERM: 'cannot be read by this user; change the owner or the mode of the file',
  EISDIR:
    'names a folder; Docker makes one where the file of a mount is missing: remove it, create the file and mount that',
};

/** Reads a file that an operator wrote: UTF-8, without the line breaks at its end. */
export function readTextFile(written: string): TextFileReading {
  const reading = readPath(written);
  if (!reading.ok) return problem(reading.problem);
  try {
    return textOf(readFileSync(reading.path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    return problem(PROBLEMS[code] ?? `names a file that cannot be read (${code}); give the path of one`);
  }
}

function textOf(bytes: Buffer): TextFileReading {
  if (isUtf16(bytes))
    return problem('is a text in UTF-16, as PowerShell writes it with ">"; save the file as UTF-8');
  const text = bytes.toString('utf8');
  if (text.startsWith(BYTE_ORDER_MARK)) return marked();
  if (text.includes('\0'))
    return problem('names a file with NUL bytes, which is no text; give the path of one');
  if (!Buffer.from(text).equals(bytes))
    return problem('is a text in another encoding; save the file as UTF-8');
  const content = withoutLastBreaks(text);
  return content.trim() === ''
    ? { ...problem('names a file that is empty; write the value into it'), isEmpty: true }
    : { ok: true, text: content };
}

export function withoutLastBreaks(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

/** What to say of a byte-order mark, which would become a part of the value. */
export function marked() {
  return problem(
    'begins with a byte-order mark, which would be a part of the value; save it as UTF-8 without one',
  );
}

// With its mark, or without: an ASCII text then has a NUL in every other byte.
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return true;
  const start = [...bytes.subarray(0, 64)];
  const zeros = (parity: number) => start.filter((byte, index) => byte === 0 && index % 2 === parity).length;
  return start.length >= 4 && Math.max(zeros(0), zeros(1)) >= Math.floor(start.length / 2) - 1;
}

function problem(text: string) {
  return { ok: false, problem: text, isEmpty: false } as const;
}
