import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSelfSigned } from './self-signed.ts';

const VALID_FROM = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
const VALID_TO = new Date(Date.UTC(2049, 11, 31, 23, 59, 59));

async function certificateFor(hosts: readonly string[]) {
  const request = { title: 'Äpfel & Co', hosts, validFrom: VALID_FROM, validTo: VALID_TO };
  const { certificate, key } = await createSelfSigned(request);
  return { certificate: new X509Certificate(certificate), key: createPrivateKey(key) };
}

describe('a self-signed certificate', () => {
  it('contains the public key of its private key and is signed with it', async () => {
    const { certificate, key } = await certificateFor(['localhost']);
    assert.ok(certificate.checkPrivateKey(key));
    assert.ok(certificate.verify(certificate.publicKey));
    assert.match(certificate.subject, /^CN=.*Co$/);
  });

  it('is valid for the hosts it was made for and for no others', async () => {
    const { certificate } = await certificateFor([
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

  it('cannot sign other certificates and is limited to server authentication', async () => {
    const { certificate } = await certificateFor(['localhost']);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.checkIssued(certificate), false, 'its key may sign no certificate');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  });

  it('has the requested validity to the second, and a new serial number each time', async () => {
    const { certificate } = await certificateFor(['localhost']);
    const { certificate: second } = await certificateFor(['localhost']);
    assert.deepEqual(certificate.validFromDate, VALID_FROM);
    assert.deepEqual(certificate.validToDate, VALID_TO);
    assert.notEqual(certificate.serialNumber, second.serialNumber);
  });
});
