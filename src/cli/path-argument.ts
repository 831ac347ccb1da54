import { UsageError } from '../platform/command-line/index.ts';
import { readPath } from '../platform/runtime/index.ts';

/** A path of the command line, with `~` for the home folder, which shells leave as it is behind `=`. @throws {UsageError} */
export function pathArgument(name: string, text: string): string {
  const reading = readPath(text);
  if (!reading.ok) throw new UsageError(`${name} ${reading.problem}`);
  return reading.path;
}
