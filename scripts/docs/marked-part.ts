/**
 * Writes a generated part between its two markers in a document.
 * @throws {Error} when the markers are missing
 */
export function withMarkedPart(
  document: string,
  { start, end }: { readonly start: string; readonly end: string },
  made: string,
): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error(`this document needs the markers ${start} and ${end}`);
  return `${document.slice(0, from + start.length)}\n\n${made}\n\n${document.slice(to)}`;
}

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
