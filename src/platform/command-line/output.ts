let isReaderLost = false;

/**
 * Lets a command whose reader has ended, such as `head`, go on quietly: what it changes is done to its end, and what it
 * still prints is dropped. Otherwise Node.js would end it with a stack trace (EPIPE; EIO for a closed terminal).
 * @param report called with the code when the output cannot be written for another reason, such as a full disk
 */
export function watchOutput(report: (code: string) => void): void {
  const watch = (stream: NodeJS.WriteStream, fail: (code: string) => void) =>
    stream.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.name;
      if (code === 'EPIPE' || code === 'EIO') isReaderLost ||= stream === process.stdout;
      else fail(code);
    });
  watch(process.stdout, report);
  // What cannot be written here cannot be reported either.
  watch(process.stderr, () => {});
}

/** Whether any program reads what this one prints. A long list ends when it is no longer read. */
export function hasReader(): boolean {
  return !isReaderLost;
}
