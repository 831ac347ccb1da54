/** A command as it can be typed into a shell: words with anything unusual in them are quoted. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
