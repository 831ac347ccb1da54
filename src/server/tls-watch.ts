import { SettingsError } from '../platform/settings/read.ts';
import { readTlsFiles, type TlsFiles, type TlsIdentity } from './tls-files.ts';

/** What is done about files that have changed. */
export type TlsChange = {
  readonly replace: (identity: TlsIdentity) => void;
  /** The new files cannot be used, and the old ones stay in use. */
  readonly reject: (problem: string) => void;
};

/**
 * Looks at intervals whether the files have changed, by what is in them: so it sees files that are renamed over the
 * old ones, links that are turned (certbot, Kubernetes) and network file systems alike. While one is new and the
 * other still old, they do not belong together and nothing is replaced.
 * @param interval milliseconds
 * @returns ends it
 */
export function watchTlsFiles(
  files: TlsFiles,
  first: TlsIdentity,
  interval: number,
  change: TlsChange,
): () => void {
  let current = first;
  let lastProblem: string | null = null;
  const look = () => {
    const found = attemptToRead(files);
    if (typeof found === 'string') {
      if (found !== lastProblem) change.reject(found);
      lastProblem = found;
      return;
    }
    lastProblem = null;
    if (found.cert === current.cert && found.key === current.key) return;
    current = found;
    change.replace(found);
  };
  const watch = setInterval(look, interval).unref();
  return () => clearInterval(watch);
}

/** Both files, or what is wrong with them in one line. */
function attemptToRead(files: TlsFiles): TlsIdentity | string {
  try {
    return readTlsFiles(files);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.replaceAll('\n', '; ');
    throw error;
  }
}
