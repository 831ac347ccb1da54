import type { SecureVersion } from 'node:tls';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { handshake } from './handshake.ts';
import type { Site } from './site.ts';

const { ok, warning, fault } = findingsOf('encryption');

/** RFC 8996: neither may be used any more. */
const FORBIDDEN: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1'];

// Without forward secrecy (RSA key exchange), or without authenticated encryption (CBC): RFC 9325 §4.2.
const WEAK_CIPHERS =
  'AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA';

// This machine’s OpenSSL would refuse to try what is forbidden.
const TRY_ANYTHING = 'DEFAULT@SECLEVEL=0';

/** Which versions of TLS are spoken, and with which ciphers. */
export const encryption: Check<Site> = {
  name: 'encryption',
  run: async (site) => {
    if (!site.isSecure) return [ofPlainHttp(site)];
    const best = await handshake(
      site,
      {},
      (socket) => `${socket.getProtocol()}, ${socket.getCipher().standardName}`,
    );
    if (best === null)
      return [
        fault(
          'no TLS 1.2 or 1.3 is spoken',
          'give the server or the proxy a certificate and TLS 1.2 or later',
        ),
      ];
    return [ok(`speaks ${best}`), ...(await oldVersions(site)), ...(await weakCiphers(site))];
  },
};

function ofPlainHttp({ isLoopback }: Site): Finding {
  return isLoopback
    ? ok('http on this machine alone')
    : fault('passwords travel in the clear', 'serve it on https: and set BASE_URL to that address');
}

async function oldVersions(site: Site): Promise<readonly Finding[]> {
  const spoken: string[] = [];
  for (const version of FORBIDDEN) {
    const only = { minVersion: version, maxVersion: version, ciphers: TRY_ANYTHING };
    if ((await handshake(site, only, () => true)) !== null) spoken.push(version);
  }
  if (spoken.length === 0) return [ok('TLS 1.0 and 1.1 are refused')];
  return [
    fault(
      `${spoken.join(' and ')} is spoken`,
      'allow TLS 1.2 and 1.3 only (nginx: ssl_protocols TLSv1.2 TLSv1.3)',
    ),
  ];
}

async function weakCiphers(site: Site): Promise<readonly Finding[]> {
  const weak = { maxVersion: 'TLSv1.2', ciphers: `${WEAK_CIPHERS}:@SECLEVEL=0` } as const;
  const cipher = await handshake(site, weak, (socket) => socket.getCipher().name);
  if (cipher === null) return [ok('every cipher has forward secrecy and authenticated encryption')];
  return [
    warning(
      `takes the cipher ${cipher}`,
      'offer ECDHE with AES-GCM or ChaCha20-Poly1305 only, as in Mozilla’s intermediate configuration',
    ),
  ];
}
