import { KeyObject, randomBytes, subtle, X509Certificate } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from 'pkijs';
import { parseIpAddress } from '../platform/web/index.ts';

export type CertificateRequest = {
  readonly title: string;
  /** Names and addresses. */
  readonly hosts: readonly string[];
  readonly validFrom: Date;
  /** Before 2050. */
  readonly validTo: Date;
};

/**
 * Creates a key on P-256 and a certificate that is signed with it. The certificate may sign no other: the key of a
 * local authority could sign certificates for any site, and every browser that trusts it would accept them.
 * @returns both in PEM
 */
export async function createSelfSigned({ title, hosts, validFrom, validTo }: CertificateRequest) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { publicKey, privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = new Certificate();
  certificate.version = 2; // X.509 version 3
  // RFC 5280 §4.1.2.2: positive, unique and at most 20 bytes.
  certificate.serialNumber = new Integer({ valueHex: Buffer.concat([Buffer.of(1), randomBytes(15)]) });
  const commonName = { type: '2.5.4.3', value: new Utf8String({ value: title }) };
  for (const name of [certificate.subject, certificate.issuer])
    name.typesAndValues.push(new AttributeTypeAndValue(commonName));
  certificate.notBefore.value = validFrom;
  certificate.notAfter.value = validTo;
  certificate.extensions = [
    extension('2.5.29.19', true, new BasicConstraints({ cA: false }).toSchema()),
    // Key usage: digitalSignature.
    extension('2.5.29.15', true, new BitString({ valueHex: Buffer.of(0x80), unusedBits: 7 })),
    // Extended key usage: server authentication.
    extension('2.5.29.37', false, new ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.1'] }).toSchema()),
    extension('2.5.29.17', false, new GeneralNames({ names: hosts.map(alternativeName) }).toSchema()),
  ];
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(privateKey, 'SHA-256');
  return {
    certificate: new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString(),
    key: KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extension(extnID: string, critical: boolean, value: { toBER: () => ArrayBuffer }): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() });
}

function alternativeName(host: string): GeneralName {
  const address = parseIpAddress(host);
  if (address === null) return new GeneralName({ type: 2, value: host });
  return new GeneralName({
    type: 7,
    value: new OctetString({ valueHex: Buffer.from(address.toByteArray()) }),
  });
}
