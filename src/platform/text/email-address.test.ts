import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emailKey, parseEmailAddress } from './email-address.ts';

describe('email addresses', () => {
  it('keep their local part as typed and are unique in lower case', () => {
    const reading = parseEmailAddress(' Ada.Lovelace+Login@Example.ORG ');
    assert.deepEqual(reading, {
      ok: true,
      address: 'Ada.Lovelace+Login@example.org',
      key: 'ada.lovelace+login@example.org',
    });
  });

  it('A31: are the same in all spellings of an international domain', () => {
    assert.equal(emailKey('ada@bücher.example'), 'ada@xn--bcher-kva.example');
    assert.equal(emailKey('ada@BU\u0308CHER.example'), 'ada@xn--bcher-kva.example');
    assert.equal(emailKey('ada@ｅxample.org'), 'ada@example.org');
  });

  it('A31: may not contain lookalikes beyond ASCII', () => {
    for (const typed of [
      '\u0430da@example.org',
      'adm\u0131n@example.org',
      '\u212ay@example.org',
      'ada＠example.org',
      'ad\u200da@example.org',
    ]) {
      assert.equal(emailKey(typed), null, typed);
    }
  });

  it('A32: must be exactly one address', () => {
    const tricks = [
      [
        'a@x.org,b@y.org',
        'a@x.org;b@y.org',
        'a@x.org b@y.org',
        'a@b@x.org',
        '"e@evil.org"@ok.org',
        'a(b)@x.org',
      ],
      [
        'a@x.org\r\nBcc: b@y.org',
        'a\0@x.org',
        'a@x\0.org',
        'a@x.org\0',
        'a@\ud800.org',
        '<a@x.org>',
        'A <a@x.org>',
      ],
      [
        '@x.org',
        'a@',
        'a',
        '',
        '.a@x.org',
        'a.@x.org',
        'a..b@x.org',
        'a@x',
        'a@x.',
        'a@.x.org',
        'a@x..org',
        'a@-x.org',
      ],
      [
        'a@[127.0.0.1]',
        'a@127.0.0.1',
        'a@0x7f.1',
        'a@x_y.org',
        'a@x.org/..',
        'a@x%2eorg',
        'a@x:25.org',
        'a@x。org',
      ],
    ].flat();
    for (const typed of tricks) assert.equal(parseEmailAddress(typed).ok, false, JSON.stringify(typed));
  });

  it('P21: say why they cannot be used', () => {
    const cases = {
      dots: ['a..b@docomo.ne.jp', 'ab.@docomo.ne.jp', '.ab@docomo.ne.jp'],
      quoted: ['"a..b"@docomo.ne.jp', '"a b"@x.org'],
      characters: ['zo\u00eb@x.org', 'a(b)@x.org', 'adm\u0131n@example.org'],
      domain: ['ada@example', 'ada@127.0.0.1', 'ada@x_y.org', 'ada@[127.0.0.1]', 'ada@example..org'],
      'too-long': [`${'a'.repeat(65)}@x.org`],
      'not-an-address': [
        '',
        'ada',
        '@x.org',
        'a@x.org,b@y.org',
        'a@x.org; b@y.org',
        'a@b@x.org',
        'A <a@x.org>',
      ],
    };
    for (const [reason, texts] of Object.entries(cases))
      for (const typed of texts) {
        const reading = parseEmailAddress(typed);
        assert.equal(!reading.ok && reading.reason, reason, typed);
      }
  });

  it('A32: have at most 254 characters, 64 of them before the at sign', () => {
    assert.equal(parseEmailAddress(`${'a'.repeat(64)}@example.org`).ok, true);
    assert.deepEqual(parseEmailAddress(`${'a'.repeat(65)}@example.org`), {
      ok: false,
      reason: 'too-long',
    });
    assert.deepEqual(parseEmailAddress(`${'\u0301'.repeat(30_000)}@x.org`), {
      ok: false,
      reason: 'too-long',
    });
    const label = 'b'.repeat(63);
    assert.deepEqual(parseEmailAddress(`a@${label}.${label}.${label}.${label}.org`), {
      ok: false,
      reason: 'too-long',
    });
  });
});
