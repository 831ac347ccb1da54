import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** A path as it can be opened, or what is wrong with it and what would be right. */
export type PathReading =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/** Whose rules a path follows. */
export type PathRules = { readonly platform: NodeJS.Platform; readonly home: string };

const WINDOWS_DRIVE = /^[a-z]:[\\/]/i;

/**
 * Reads a path as operators write it. `~` is the home folder, as in shells, which expand it only at the beginning of a word:
 * not in `sqlite:~/users.db`, in `.env` or after `=`. Otherwise it would name a folder called `~`.
 */
export function readPath(text: string, rules: PathRules = ofThisSystem()): PathReading {
  const isWindows = rules.platform === 'win32';
  const inHome = (isWindows ? /^~(?:[\\/](.*))?$/s : /^~(?:\/(.*))?$/s).exec(text);
  if (inHome !== null)
    return rules.home === ''
      ? problem('begins with ~, and this user has no home folder; give the whole path')
      : { ok: true, path: (isWindows ? win32 : posix).join(rules.home, inHome[1] ?? '') };
  if (text.startsWith('~'))
    return problem(
      'begins with ~ and a name, which only shells know; give the whole path, or begin it with ./',
    );
  if (isWindows) return { ok: true, path: text.replace(/^\/(?=[a-z]:[\\/])/i, '') };
  if (WINDOWS_DRIVE.test(text) || text.includes('\\'))
    return problem('is a path of Windows, and this system is another; give one such as /var/lib/latchkey');
  return { ok: true, path: text };
}

function ofThisSystem(): PathRules {
  return { platform: process.platform, home: homedir() };
}

function problem(text: string): PathReading {
  return { ok: false, problem: text };
}
