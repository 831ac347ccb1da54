import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { settingsFromEnvironment } from '../../read-settings.ts';
import { inDevelopment, mailFaults, mailSettings } from './settings.ts';

function serverOf(text: string) {
  return mailSettings.smtpUrl.schema.parse(text);
}

function keyOf(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('SMTP_URL', () => {
  it('encrypts to every machine except this one', () => {
    for (const [url, encryption, port] of [
      ['smtp://mail.example.org', 'starttls', 587],
      ['smtp://192.0.2.1:2525', 'starttls', 2525],
      ['smtps://mail.example.org', 'implicit', 465],
      ['smtps://localhost', 'implicit', 465],
      ['smtp://localhost:25', 'none', 25],
      ['smtp://127.0.0.1:25', 'none', 25],
      ['smtp://[::1]:25', 'none', 25],
      ['smtp://localhost.example.org', 'starttls', 587],
      ['smtp://0.0.0.0', 'starttls', 587],
      ['smtp://127.0.0.1.example.org', 'starttls', 587],
    ] as const) {
      const server = serverOf(url);
      assert.deepEqual([server.encryption, server.port], [encryption, port], url);
    }
  });

  it('P23: encrypts only where the server can, for a catcher of mail in development', () => {
    const encryptionOf = (url: string, isLoopback = true) =>
      inDevelopment(serverOf(url), isLoopback).encryption;
    for (const host of [
      'mailpit',
      'mail-catcher',
      'host.docker.internal',
      'mail.test',
      '172.18.0.4',
      '[fd00::4]',
    ]) {
      assert.equal(encryptionOf(`smtp://${host}:1025`), 'if-offered', host);
      assert.equal(encryptionOf(`smtp://${host}:1025`, false), 'starttls', host);
      assert.equal(encryptionOf(`smtp://user:secret@${host}:1025`), 'starttls', host);
      assert.equal(encryptionOf(`smtps://${host}`), 'implicit', host);
    }
    for (const host of ['mail.example.org', '192.0.2.1', '0.0.0.0', '[2001:db8::1]', 'local.example.org'])
      assert.equal(encryptionOf(`smtp://${host}:1025`), 'starttls', host);
    assert.equal(encryptionOf('smtp://localhost:1025'), 'none');
    const withAuthority = { ...serverOf('smtp://mailpit:1025'), authority: 'a certificate' };
    assert.equal(inDevelopment(withAuthority, true).encryption, 'starttls');
    const given = { SMTP_URL: 'smtp://mailpit:1025', MAIL_FROM: 'a@example.org', SECRET_KEY };
    for (const [baseUrl, encryption] of [
      ['http://localhost:3000', 'if-offered'],
      ['https://localhost:3000', 'starttls'],
      ['https://login.example.org', 'starttls'],
    ] as const) {
      const { smtpUrl } = settingsFromEnvironment({ ...given, BASE_URL: baseUrl }, '/');
      assert.equal(smtpUrl?.encryption, encryption, baseUrl);
    }
  });

  it('has a percent-encoded user and password, or neither', () => {
    assert.deepEqual(serverOf('smtp://a%40b.org:p%3Aw%2F@mail.example.org').login, {
      user: 'a@b.org',
      pass: 'p:w/',
    });
    assert.equal(serverOf('smtp://mail.example.org').login, null);
    assert.equal(serverOf('smtp://[::1]:25').host, '::1');
  });

  it('is refused in any other form, without being quoted', () => {
    for (const url of [
      'mail.example.org',
      'http://mail.example.org',
      'smtp://',
      'smtp://user@mail.example.org',
      'smtp://:hunter2@mail.example.org',
      'smtp://user:%zz@mail.example.org',
      'smtp://mail.example.org/path',
      'smtp://user:hunter2@mail.example.org?tls=off',
      'smtp://mail.example.org?ca=/nowhere',
      'smtp://mail.example.org?ca=package.json',
    ]) {
      const problem = mailSettings.smtpUrl.schema.safeParse(url).error?.issues[0]?.message ?? '';
      assert.match(problem, /; /, url);
      assert.doesNotMatch(problem, /hunter2/, url);
    }
  });
});

describe('MAIL_FROM', () => {
  it('is one address, with or without a name', () => {
    for (const [text, sender] of [
      ['login@example.org', { name: '', address: 'login@example.org' }],
      [' Example <login@example.org> ', { name: 'Example', address: 'login@example.org' }],
      ['"Example, Inc." <login@example.org>', { name: 'Example, Inc.', address: 'login@example.org' }],
      ['Bücher <login@bücher.example>', { name: 'Bücher', address: 'login@xn--bcher-kva.example' }],
    ] as const)
      assert.deepEqual(mailSettings.mailFrom.schema.parse(text), sender);
  });

  it('A32: is refused if it is more than one address, or could be read as more', () => {
    for (const text of [
      'a@x.org, b@y.org',
      'A <a@x.org>, B <b@y.org>',
      'Example, Inc. <a@x.org>',
      'x@y.org <a@x.org>',
      'A <a@x.org>\r\nBcc: eve@evil.org',
      'A\nB <a@x.org>',
      'A <a@x.org> b',
      'group: a@x.org;',
      '',
    ])
      assert.equal(mailSettings.mailFrom.schema.safeParse(text).success, false, text);
  });
});

describe('the settings of mail', () => {
  const names = (values: Parameters<typeof mailFaults>[0]) => mailFaults(values).map(({ name }) => name);

  it('need a sender if there is a server, and all DKIM settings or none', () => {
    const smtpUrl = serverOf('smtp://localhost');
    const mailFrom = { name: '', address: 'a@x.org' };
    assert.deepEqual(names({}), []);
    assert.deepEqual(names({ mailFrom }), []);
    assert.deepEqual(names({ smtpUrl }), ['MAIL_FROM']);
    assert.deepEqual(names({ smtpUrl, mailFrom, dkimDomain: 'x.org' }), [
      'DKIM_SELECTOR',
      'DKIM_PRIVATE_KEY',
    ]);
    const dkim = { dkimDomain: 'x.org', dkimSelector: 'a', dkimPrivateKey: 'key' };
    assert.deepEqual(names({ smtpUrl, mailFrom, ...dkim }), []);
    assert.deepEqual(names({ mailFrom, ...dkim }), ['DKIM_DOMAIN']);
  });

  it('accept a DKIM key that verifiers trust', () => {
    const { schema } = mailSettings.dkimPrivateKey;
    assert.equal(schema.safeParse(keyOf(2_048)).success, true);
    assert.equal(schema.safeParse(keyOf(1_024)).success, false);
    assert.equal(schema.safeParse('not a key').success, false);
  });
});
