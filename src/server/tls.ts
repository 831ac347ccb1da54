import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { resultOrNull } from '../platform/runtime/index.ts';
import { type Fault, SettingsError } from '../platform/settings/index.ts';

/**
 * The versions and ciphers of Mozilla’s “intermediate” configuration, version 5.7, without finite-field Diffie-Hellman,
 * which no browser since 2013 needs: forward secrecy and authenticated encryption only. As there, the client chooses
 * the cipher, because it knows whether its machine is fast at AES.
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS
 */
export const TLS_POLICY: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: false,
  // Renegotiation costs the server far more than the client.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/** Paths. */
export type TlsFiles = { readonly certificate: string; readonly key: string };

/** A certificate with its chain and the matching key, both in PEM. */
export type TlsIdentity = { readonly cert: string; readonly key: string };

/**
 * Reads both files.
 * @throws {SettingsError} with one line per fault, when a file cannot be read or the two do not match
 */
export function readTlsFiles(files: TlsFiles): TlsIdentity {
  const faults: Fault[] = [];
  const cert = readText('TLS_CERT', files.certificate, faults);
  const key = readText('TLS_KEY', files.key, faults);
  const problem = faults.length === 0 ? faultOfPair(files, { cert, key }) : null;
  if (problem !== null) faults.push(problem);
  if (faults.length > 0) throw new SettingsError(faults);
  return { cert, key };
}

function readText(name: string, path: string, faults: Fault[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    faults.push({ name, message: `${path} cannot be read (${code}); give a file that this user may read` });
    return '';
  }
}

function faultOfPair(files: TlsFiles, identity: TlsIdentity): Fault | null {
  const certificate = resultOrNull(() => new X509Certificate(identity.cert));
  if (certificate === null) {
    const message = `there is no certificate in ${files.certificate}; give a file in PEM, with the chain behind it`;
    return { name: 'TLS_CERT', message };
  }
  const key = resultOrNull(() => createPrivateKey(identity.key));
  if (key === null) {
    const message = `there is no private key in ${files.key}; give a file in PEM that needs no passphrase`;
    return { name: 'TLS_KEY', message };
  }
  if (!certificate.checkPrivateKey(key)) {
    const message = `${files.key} is not the key of the certificate in ${files.certificate}; give the two that were made together`;
    return { name: 'TLS_KEY', message };
  }
  // Finds a truncated chain at start rather than at the first connection.
  if (resultOrNull(() => createSecureContext(identity)) !== null) return null;
  return {
    name: 'TLS_CERT',
    message: `${files.certificate} cannot be used; its certificate or chain is damaged`,
  };
}

/**
 * Why browsers would reject a certificate; null if they would not. The server starts anyway, as a browser can then
 * explain the problem to its user.
 */
export function problemOfCertificate({ cert }: TlsIdentity, hostname: string, now: number): string | null {
  const certificate = new X509Certificate(cert);
  if (now >= certificate.validToDate.getTime()) return `it ended on ${certificate.validToDate.toISOString()}`;
  if (now < certificate.validFromDate.getTime())
    return `it begins on ${certificate.validFromDate.toISOString()}`;
  const name = hostname.replace(/^\[|\]$/g, '');
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined ? null : `it does not name ${name}`;
}

/** What to do when the files have changed. */
export type TlsChange = {
  readonly replace: (identity: TlsIdentity) => void;
  /** The new files are unusable, so the old certificate stays in use. */
  readonly reject: (problem: string) => void;
};

/**
 * Reads the files at intervals and compares their content. This detects renamed files, changed symbolic links (certbot,
 * Kubernetes) and changes on network file systems. While only one of the two is new, they do not match and nothing is
 * replaced.
 * @param interval milliseconds
 * @returns a function that stops it
 */
export function watchTlsFiles(
  files: TlsFiles,
  first: TlsIdentity,
  interval: number,
  change: TlsChange,
): () => void {
  let current = first;
  let lastProblem: string | null = null;
  const check = () => {
    const found = tryToRead(files);
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
  const watch = setInterval(check, interval).unref();
  return () => clearInterval(watch);
}

/** Both files, or the problem in one line. */
function tryToRead(files: TlsFiles): TlsIdentity | string {
  try {
    return readTlsFiles(files);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.replaceAll('\n', '; ');
    throw error;
  }
}
