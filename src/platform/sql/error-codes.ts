/** The code of an error of a driver or of Node; null without one. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

// Node's codes for a server that cannot be reached or has closed the connection.
const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

export function isLostConnection(error: unknown): boolean {
  // One error for each address of the host.
  if (error instanceof AggregateError) return error.errors.some(isLostConnection);
  const code = errorCode(error);
  return code !== null && LOST.has(code);
}

/** The TLS parameters of one engine's URLs. */
type TlsParameters = {
  /** The parameter that names the authority's file. */
  readonly authority: string;
  /** The parameter and value that verify the authority but not the host. */
  readonly anyHost: string;
};

/** The TLS problem and what to do about it; null when the error has another cause. */
export function explainTls(error: Error, server: string, words: TlsParameters): string | null {
  // What Node adds after a semicolon is for developers.
  const [reason = ''] = error.message.split(/[;\n]/);
  if (reason.startsWith('Hostname/IP does not match'))
    return `the certificate of ${server} is for another host; give the name in it, or ${words.anyHost}`;
  if (/\bcertificate\b/.test(reason))
    return `the certificate of ${server} cannot be verified (${reason}); name its authority with ${words.authority}=FILE`;
  const code = errorCode(error) ?? '';
  const isTls = code === 'EPROTO' || code === 'HANDSHAKE_SSL_ERROR' || code.startsWith('ERR_SSL_');
  return isTls ? `${server} and this program find no way to speak TLS (${reason})` : null;
}

/** The server's message as it closed the connection, without the name of the database user. */
export function quoteServerMessage({ message }: Error, user: string | undefined): string {
  return message
    .split('\n', 1)
    .join('')
    .replaceAll(/(["'])(.*?)\1/g, (quoted, _, name) => (name === user ? 'this user' : quoted));
}
