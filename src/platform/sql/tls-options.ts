import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readPath } from '../runtime/index.ts';
import { DatabaseStartError } from './database.ts';
import type { Tls } from './server-address.ts';

/** Options that both drivers pass to Node's TLS. */
export type TlsOptions = {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
};

/** @throws {DatabaseStartError} when a file cannot be read, or holds something else */
export function tlsOptions(tls: Exclude<Tls, { mode: 'off' }>): TlsOptions {
  return {
    minVersion: tls.minVersion ?? 'TLSv1.2',
    rejectUnauthorized: tls.mode !== 'encrypted',
    ...content('ca', tls.authorityFile),
    ...content('cert', tls.certificateFile),
    ...content('key', tls.keyFile),
  };
}

function content(name: 'ca' | 'cert' | 'key', file: string | undefined): Partial<TlsOptions> {
  if (file === undefined) return {};
  const text = readText(pathTo(file));
  try {
    // Node treats a file without a certificate as no authority at all.
    if (name === 'key') createPrivateKey(text);
    else new X509Certificate(text);
    return { [name]: text };
  } catch (error) {
    const what = name === 'key' ? 'private key' : 'certificate';
    throw new DatabaseStartError(`DATABASE_URL: there is no ${what} in ${file}`, { cause: error });
  }
}

function pathTo(file: string): string {
  const reading = readPath(file);
  if (!reading.ok)
    throw new DatabaseStartError(`DATABASE_URL: the certificate file ${file} ${reading.problem}`);
  return reading.path;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DatabaseStartError(`DATABASE_URL: cannot read the certificate file ${file}`, { cause: error });
  }
}
