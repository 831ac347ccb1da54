import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { selfSignedCertificate } from './self-signed.ts';

function certificateFor(
  hosts: readonly string[],
  validFrom = Date.UTC(2026, 0),
  validTo = Date.UTC(2026, 3),
) {
  const { certificate, key } = selfSignedCertificate({ title: 'Äpfel & Co', hosts, validFrom, validTo });
  return { certificate: new X509Certificate(certificate), key: createPrivateKey(key) };
}

describe('a self-signed certificate', () => {
  it('contains the public key of its private key and is signed with it', () => {
    const { certificate, key } = certificateFor(['localhost']);
    assert.ok(certificate.checkPrivateKey(key));
    assert.ok(certificate.verify(certificate.publicKey));
    assert.match(certificate.subject, /^CN=.*Co$/);
  });

  it('is valid for the hosts it was made for and for no others', () => {
    const { certificate } = certificateFor([
      'localhost',
      'login.example.org',
      '127.0.0.1',
      '::1',
      '2001:db8::ff:1',
    ]);
    for (const name of ['localhost', 'login.example.org']) assert.equal(certificate.checkHost(name), name);
    for (const address of ['127.0.0.1', '::1', '2001:db8::ff:1'])
      assert.equal(certificate.checkIP(address), address);
    assert.equal(certificate.checkHost('example.org'), undefined);
    assert.equal(certificate.checkIP('127.0.0.2'), undefined);
    assert.equal(certificate.checkIP('::2'), undefined);
  });

  it('cannot sign other certificates and is limited to server authentication', () => {
    const { certificate } = certificateFor(['localhost']);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.checkIssued(certificate), false, 'its key may sign no certificate');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  });

  it('has the requested validity to the second, before and after 2050', () => {
    for (const [from, to] of [
      [Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2049, 11, 31, 23, 59, 59)],
      [Date.UTC(2050, 0), Date.UTC(2101, 5)],
    ] as const) {
      const { certificate } = certificateFor(['localhost'], from, to);
      assert.equal(certificate.validFromDate.getTime(), from);
      assert.equal(certificate.validToDate.getTime(), to);
    }
  });

  it('has a new serial number each time', () => {
    const numbers = Array.from({ length: 20 }, () => certificateFor(['localhost']).certificate.serialNumber);
    assert.equal(new Set(numbers).size, numbers.length);
  });

  it('holds many long host names', () => {
    const hosts = Array.from({ length: 40 }, (_, number) => `${'a'.repeat(60)}-${number}.example.org`);
    const { certificate } = certificateFor(hosts);
    assert.ok(hosts.every((host) => certificate.checkHost(host) === host));
  });
});
