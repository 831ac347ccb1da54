import { checkServerIdentity, type PeerCertificate, type SecureVersion } from 'node:tls';
import { paths } from '../../auth/paths.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { type Finding, quoted, type Report } from './findings.ts';
import { get, handshake, type Site, valuesOf } from './site.ts';

/** Whether Latchkey answers at this address at all. If it does not, no other check makes sense. */
export async function checkReachable(site: Site, { ok, fault }: Report): Promise<Finding> {
  try {
    const { status, body } = await site.get({ path: site.page(paths.login) });
    if (status === 200 && body.includes('name="csrf"'))
      return ok(`${site.origin}${site.page(paths.login)} answers`);
    return fault(
      `${site.origin}${site.page(paths.login)} answers with ${status} and no form to sign in`,
      'see that the proxy passes every path on to Latchkey, and that BASE_URL is this address',
    );
  } catch {
    return fault(
      `nothing answers at ${site.origin} within 5 seconds`,
      'see that the server runs, that the name leads to it, and that no firewall is between',
    );
  }
}

/** RFC 8996: neither may be used any more. */
const FORBIDDEN: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1'];

// Without forward secrecy (RSA key exchange), or without authenticated encryption (CBC): RFC 9325 §4.2.
const WEAK_CIPHERS =
  'AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA';

/** Which versions of TLS the server accepts, and with which ciphers. */
export async function checkEncryption(site: Site, report: Report): Promise<readonly Finding[]> {
  const { ok, fault } = report;
  if (!site.isSecure) {
    if (site.isLoopback) return [ok('http on this machine alone')];
    return [fault('passwords travel in the clear', 'serve it on https: and set BASE_URL to that address')];
  }
  const best = await handshake(
    site,
    {},
    (socket) => `${socket.getProtocol()}, ${socket.getCipher().standardName}`,
  );
  if (best !== null)
    return [ok(`speaks ${best}`), await checkOldVersions(site, report), await checkWeakCiphers(site, report)];
  const fix = 'give the server or the proxy a certificate and TLS 1.2 or later';
  return [fault('no TLS 1.2 or 1.3 is spoken', fix)];
}

async function checkOldVersions(site: Site, { ok, fault }: Report): Promise<Finding> {
  const accepted: string[] = [];
  for (const version of FORBIDDEN) {
    // OpenSSL on this machine would otherwise refuse to try these versions.
    const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    if ((await handshake(site, only, () => true)) !== null) accepted.push(version);
  }
  if (accepted.length === 0) return ok('TLS 1.0 and 1.1 are refused');
  const fix = 'allow TLS 1.2 and 1.3 only (nginx: ssl_protocols TLSv1.2 TLSv1.3)';
  return fault(`${accepted.join(' and ')} is spoken`, fix);
}

async function checkWeakCiphers(site: Site, { ok, warning }: Report): Promise<Finding> {
  const weak = { maxVersion: 'TLSv1.2', ciphers: `${WEAK_CIPHERS}:@SECLEVEL=0` } as const;
  const cipher = await handshake(site, weak, (socket) => socket.getCipher().name);
  if (cipher === null) return ok('every cipher has forward secrecy and authenticated encryption');
  return warning(
    `takes the cipher ${cipher}`,
    'offer ECDHE with AES-GCM or ChaCha20-Poly1305 only, as in Mozilla’s intermediate configuration',
  );
}

/** Whether the certificate names this host, is signed by a trusted authority and remains valid for two weeks. */
export async function checkCertificate(site: Site, report: Report): Promise<readonly Finding[]> {
  if (!site.isSecure) return [];
  const seen = await handshake(site, { ca: [...site.authorities] }, (socket) => ({
    certificate: socket.getPeerCertificate(),
    problem: socket.authorized ? null : String(socket.authorizationError),
  }));
  // The check of the encryption reports a failed handshake.
  if (seen === null) return [];
  return [
    classifyValidity(seen.certificate, report),
    classifyHost(site, seen.certificate, report),
    classifyChain(seen.problem, report),
  ];
}

const WARNING_PERIOD = 14 * DAY;

function classifyValidity(
  { valid_from, valid_to }: PeerCertificate,
  { ok, warning, fault }: Report,
): Finding {
  const now = Date.now();
  const [from, until] = [Date.parse(valid_from), Date.parse(valid_to)];
  const renew = 'renew it, and see that whatever renews it runs and that the server reads the new one';
  const day = new Date(until).toISOString().slice(0, 10);
  if (until <= now) return fault(`expired on ${day}`, renew);
  if (from > now) return fault('is not valid yet', 'see whether this machine’s clock is right');
  if (until - now >= WARNING_PERIOD) return ok(`valid until ${day}`);
  return warning(`expires on ${day}, in ${Math.floor((until - now) / DAY)} days`, renew);
}

function classifyHost({ hostname }: Site, shown: PeerCertificate, { ok, fault }: Report): Finding {
  if (checkServerIdentity(hostname, shown) === undefined) return ok(`is for ${hostname}`);
  return fault(`is not for ${hostname}`, 'get one whose subject alternative names include this host');
}

const VALIDITY_OR_HOST = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'];

function classifyChain(problem: string | null, { ok, fault }: Report): Finding {
  if (problem === null || VALIDITY_OR_HOST.includes(problem)) return ok('is signed by a known authority');
  return fault(
    `is not signed by a known authority (${problem})`,
    'serve the whole chain; for an authority of your own, name its certificate with --authority',
  );
}

/** Whether plain HTTP redirects to HTTPS and serves nothing else. */
export async function checkPlainHttp(
  { isSecure, plainPort: port, hostname, origin, page }: Site,
  { ok, fault }: Report,
): Promise<readonly Finding[]> {
  if (!isSecure || port === null) return [];
  const answer = await get({ isSecure: false, hostname, port }, { path: page(paths.login) }).catch(
    () => null,
  );
  if (answer === null) return [ok(`nothing answers on port ${port}`)];
  const [location = ''] = valuesOf(answer, 'location');
  const isRedirect = [301, 302, 303, 307, 308].includes(answer.status);
  if (isRedirect && URL.parse(location)?.origin === origin) return [ok('redirects to https')];
  const what = isRedirect ? `redirects to ${quoted(location)}` : `answers with ${answer.status}`;
  return [fault(what, `let it answer everything with 308 to ${origin}, or not at all`)];
}
