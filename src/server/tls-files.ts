import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { type Fault, SettingsError } from '../platform/settings/read.ts';

/** Where the certificate and its key lie. */
export type TlsFiles = { readonly certificate: string; readonly key: string };

/** A certificate with its chain, and its key, both in PEM and found to belong together. */
export type TlsIdentity = { readonly cert: string; readonly key: string };

/**
 * Reads both files.
 * @throws {SettingsError} one line a fault, when a file cannot be read or they do not belong together
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
  const certificate = attempt(() => new X509Certificate(identity.cert));
  if (certificate === null) {
    const message = `there is no certificate in ${files.certificate}; give a file in PEM, with the chain behind it`;
    return { name: 'TLS_CERT', message };
  }
  const key = attempt(() => createPrivateKey(identity.key));
  if (key === null) {
    const message = `there is no private key in ${files.key}; give a file in PEM that needs no passphrase`;
    return { name: 'TLS_KEY', message };
  }
  if (!certificate.checkPrivateKey(key)) {
    const message = `${files.key} is not the key of the certificate in ${files.certificate}; give the two that were made together`;
    return { name: 'TLS_KEY', message };
  }
  // A chain that breaks off is found out here, and not by the first visitor.
  if (attempt(() => createSecureContext(identity)) !== null) return null;
  return {
    name: 'TLS_CERT',
    message: `${files.certificate} cannot be used; its certificate or chain is damaged`,
  };
}

/**
 * What visitors would hold against a certificate, in words; null where it fits. It is no reason not to start: with
 * an old certificate people can at least be told by their browsers what is wrong.
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

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
