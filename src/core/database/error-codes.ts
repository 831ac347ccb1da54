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

/** What is wrong with reaching a server or with its certificate, in words that say what to do; else null. */
export function explainConnection(error: unknown, server: string, authorityParameter: string): string | null {
  if (isLostConnection(error))
    return `nothing answers at ${server}; is the server running, and is this its address?`;
  const code = errorCode(error) ?? '';
  if (/^(?:CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_CERT_ALTNAME)/.test(code))
    return `the certificate of ${server} cannot be verified (${code}); name its authority with ${authorityParameter}=FILE`;
  return null;
}
