/** The code of a driver's or of Node's error, or null where there is none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

// What Node says when a server cannot be reached or went away.
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
  // Node joins the errors of several addresses of one host.
  if (error instanceof AggregateError) return error.errors.some(isLostConnection);
  const code = errorCode(error);
  return code !== null && LOST.has(code);
}

/** The words of one kind of URL that have to do with certificates. */
type TlsWords = {
  /** The parameter that names the authority's file. */
  readonly authority: string;
  /** What asks for the authority alone. */
  readonly anyHost: string;
};

/** What is wrong with TLS, in words that say what to do; null when something else is. */
export function explainTls(error: Error, server: string, words: TlsWords): string | null {
  // What Node adds behind a semicolon is for programmers.
  const [reason = ''] = error.message.split(/[;\n]/);
  if (reason.startsWith('Hostname/IP does not match'))
    return `the certificate of ${server} is for another host; give the name that stands in it, or ${words.anyHost}`;
  if (/\bcertificate\b/.test(reason))
    return `the certificate of ${server} cannot be verified (${reason}); name its authority with ${words.authority}=FILE`;
  const code = errorCode(error) ?? '';
  const isTls = code === 'EPROTO' || code === 'HANDSHAKE_SSL_ERROR' || code.startsWith('ERR_SSL_');
  return isTls ? `${server} and this program find no way to speak TLS (${reason})` : null;
}

/** What a server said as it closed the connection, without the name of whom it said it to. */
export function inItsWords({ message }: Error, user: string | undefined): string {
  return message
    .split('\n', 1)
    .join('')
    .replaceAll(/(["'])(.*?)\1/g, (quoted, _, name) => (name === user ? 'this user' : quoted));
}
