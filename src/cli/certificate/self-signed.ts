import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { parseIpAddress } from '../../platform/web/ip-address.ts';
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  TRUE,
  time,
  utf8String,
} from './der.ts';

export type CertificateRequest = {
  /** Who it is for, in words. */
  readonly title: string;
  /** The hosts that it vouches for: names and addresses. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
};

const SIGNATURE = sequence(objectIdentifier('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256, RFC 5758 §3.2
const COMMON_NAME = objectIdentifier('2.5.4.3');

/**
 * Makes a key on P-256 and a certificate that signs itself (RFC 5280 §4.1). It may sign no other: who trusts it
 * trusts these hosts alone, while the key of a local authority could vouch for any site to whoever trusts that.
 * @returns both in PEM
 */
export function selfSignedCertificate(request: CertificateRequest): {
  readonly certificate: string;
  readonly key: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const content = certificateContent(request, publicKey);
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, SIGNATURE, bitString(signature));
  return {
    certificate: pem(certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificateContent(request: CertificateRequest, publicKey: KeyObject): Buffer {
  const { title, hosts, validFrom, validTo } = request;
  const name = sequence(set(sequence(COMMON_NAME, utf8String(title))));
  return sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber()),
    SIGNATURE,
    name,
    sequence(time(validFrom), time(validTo)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(hosts))),
  );
}

/** At most 20 bytes, and no two alike (RFC 5280 §4.1.2.2). */
function serialNumber(): Buffer {
  return Buffer.concat([Buffer.of(1), randomBytes(15)]);
}

function extensions(hosts: readonly string[]): readonly Buffer[] {
  const extension = (id: string, value: Buffer) => sequence(objectIdentifier(id), octetString(value));
  const critical = (id: string, value: Buffer) => sequence(objectIdentifier(id), TRUE, octetString(value));
  const serverAuthentication = objectIdentifier('1.3.6.1.5.5.7.3.1');
  return [
    critical('2.5.29.19', sequence()), // basicConstraints: no authority
    critical('2.5.29.15', bitString(Buffer.of(0x80), 7)), // keyUsage: digitalSignature
    extension('2.5.29.37', sequence(serverAuthentication)),
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
  ];
}

function alternativeName(host: string): Buffer {
  const address = parseIpAddress(host);
  return address === null ? implicit(2, Buffer.from(host)) : implicit(7, Buffer.from(address.toByteArray()));
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
