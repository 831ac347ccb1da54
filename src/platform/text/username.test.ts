import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { foldCase } from './case-folding.ts';
import { foldLookalikes } from './lookalikes.ts';
import { parseUsername, usernameKey } from './username.ts';

function reasonFor(typed: string): string | null {
  const reading = parseUsername(typed);
  return reading.ok ? null : reading.reason;
}

describe('usernames', () => {
  it('are kept as typed, without surrounding white space', () => {
    const reading = parseUsername('  Ada Lovelace ');
    assert.deepEqual(reading, { ok: true, username: 'Ada Lovelace', key: 'ada lovelace' });
  });

  it('may be written in any script in everyday use', () => {
    for (const name of [
      'Zoë',
      'Łukasz',
      'Анна',
      'Γιώργος',
      'דוד',
      'محمد',
      '山田太郎',
      'さくらサクラ',
      '김민수',
      'प्रिया',
      'สมชาย',
    ]) {
      assert.equal(reasonFor(name), null, name);
    }
  });

  it('have 3 to 64 code points', () => {
    assert.equal(reasonFor(''), 'missing');
    assert.equal(reasonFor('ab'), 'too-short');
    assert.equal(reasonFor('abc'), null);
    assert.equal(reasonFor('𝒶𝒷'), 'too-short');
    assert.equal(reasonFor('a'.repeat(64)), null);
    assert.equal(reasonFor('a'.repeat(65)), 'too-long');
    assert.equal(reasonFor('ﷺ'.repeat(10)), 'too-long', 'also in their canonical form');
  });

  it('contain no at sign, so that they are never taken for an address', () => {
    assert.equal(reasonFor('ada@example.org'), 'at-sign');
    assert.equal(reasonFor('ada＠example.org'), 'at-sign');
  });

  it('A32: contain no invisible characters and no ill-formed text', () => {
    const hidden = [
      '\0',
      '\r\n',
      '\u001b[31m',
      '\u200b',
      '\u200d',
      '\u202e',
      '\u2066',
      '\ufeff',
      '\u00ad',
      '\u2028',
      '\ue000',
      '\ud800',
      '\u0378',
      '\u{e0041}',
    ];
    for (const character of hidden) {
      assert.equal(reasonFor(`ada${character}m`), 'unusable-character', JSON.stringify(character));
    }
  });

  it('contain no symbols, and only single spaces between their parts', () => {
    for (const name of [
      'a♥da',
      'ada😀',
      'a  da',
      'ada\u00a0\u00a0m',
      'ada\tm',
      '½ada',
      '1\u066123',
      '<b>ada',
      'a/b',
      'a&b',
      'a,b',
      '"ada"',
    ]) {
      assert.equal(reasonFor(name), 'unusable-character', name);
    }
    assert.equal(usernameKey('ada\u00a0m'), 'ada m', 'a no-break space is a space');
  });

  it('A31: are the same in every case, width and composition', () => {
    const twins = [
      ['Admin', 'aDMIN', 'ａｄｍｉｎ', '𝐚dmin'],
      ['kelvin', '\u212aelvin'],
      ['strasse', 'straße', 'STRASSE', 'straẞe'],
      ['ﬁona', 'fiona', 'FIONA'],
      ['zoë', 'zoe\u0308', 'ZOË'],
      ['istanbul', 'İstanbul', 'ıstanbul', 'ISTANBUL'],
      ['σας', 'ΣΑΣ', 'σασ'],
      ['ångström', '\u212bngström'],
    ];
    for (const names of twins) assert.equal(new Set(names.map(usernameKey)).size, 1, names.join(' '));
  });

  it('A31: cannot mix scripts to imitate another name', () => {
    for (const name of ['аdmin', 'pаypal', 'αdmin', 'ad\u043cin', 'adminу', 'ca\u0442', 'admin1\u0967']) {
      assert.equal(reasonFor(name), 'mixed-scripts', name);
    }
  });

  it('A31: cannot mix the digits of two systems, although the script has both', () => {
    assert.equal(reasonFor('कमल1'), null);
    assert.equal(reasonFor('कमल\u0967'), null);
    assert.equal(reasonFor('कमल1\u0967'), 'mixed-scripts');
    assert.equal(reasonFor('أحمد\u0661\u06f1'), 'mixed-scripts');
  });

  it('A31: equal a Latin name if every letter of another script looks like it', () => {
    assert.equal(usernameKey('\u0455\u0441\u043e\u0440\u0435'), 'scope');
    assert.equal(usernameKey('\u0410\u0421\u0421\u041e\u0420'), 'accop');
    assert.equal(usernameKey('\u041d\u041e\u041c\u0415'), 'home', 'also by their capitals');
    assert.equal(usernameKey('ɡooɡle'), 'google');
    assert.equal(usernameKey('へいわ'), usernameKey('ヘいわ'));
  });

  it('A31 I12: equal a name with l if a letter is drawn like l, whatever its small form is called', () => {
    for (const name of [
      '\u0440\u0430\u0443\u0440\u0430\u04cf',
      '\u0440\u0430\u0443\u0440\u0430\u04c0',
      'paypa\u0269',
      'PAYPA\u0196',
    ])
      assert.equal(usernameKey(name), 'paypal', name);
  });

  it('A31 I12: contain no stroke through another letter', () => {
    for (const stroke of ['\u0334', '\u0335', '\u0336', '\u0337', '\u0338', '\u20d2', '\u20e5', '\u20eb']) {
      assert.equal(reasonFor(`a${stroke}dmin`), 'unusable-character', stroke);
      assert.equal(usernameKey(`a\u0301${stroke}dmin`), null);
    }
    for (const name of ['søren', 'łukasz', 'đorđe']) assert.equal(reasonFor(name), null, name);
  });

  it('A31: are refused if their capitals look like another name than the one they fold to', () => {
    assert.equal(reasonFor('\u039d\u039f\u0391'), 'lookalike');
    assert.equal(reasonFor('\u039dίκος'), null);
    for (const name of ['ΝΙΚΟΣ', 'ΓΙΩΡΓΟΣ', 'СОКОЛ']) assert.equal(reasonFor(name), null, name);
  });

  it('A31: are the same if they look the same', () => {
    const pairs = [
      ['john', 'j\u0307ohn'],
      ['pai', '\u0440\u0430\u0456\u0307'],
      ['ịda', 'i\u0323\u0307da'],
      ['\u0639\u0644\u0649', '\u0639\u0644\u06cc'],
      ["o'neil", 'o\u2019neil'],
    ];
    for (const [one, other] of pairs)
      assert.equal(usernameKey(String(one)), usernameKey(String(other)), other);
    assert.equal(reasonFor('\u039d\u038c\u0391'), 'lookalike', 'an accent hides nothing');
    for (const name of ['o\u02bcneil', '\u0645\u062d\u0640\u0645\u062f']) {
      assert.equal(reasonFor(name), 'unusable-character', name);
    }
  });

  it('may contain digits and marks in right-to-left scripts', () => {
    for (const name of ['أحمد123', 'דוד7', 'דוד-כהן', 'أحمد_علي']) assert.equal(reasonFor(name), null, name);
    for (const name of ['דוד-', '7דוד']) assert.equal(reasonFor(name), 'unusable-character', name);
  });

  it('contain at least one letter or digit', () => {
    for (const name of ['...', '---', "'''", '_-_'])
      assert.equal(reasonFor(name), 'unusable-character', name);
  });

  it('A31: are found by their capitals at sign-in, even where those could not be registered', () => {
    assert.equal(reasonFor('ΝΙΚΗ'), 'lookalike');
    assert.equal(usernameKey('ΝΙΚΗ'), usernameKey('νικη'));
  });

  it('A33: are refused for their length before any other processing', () => {
    const marks = `a${'\u0301'.repeat(15_900)}${'\u0323'.repeat(15_900)}`;
    assert.equal(reasonFor(marks), 'too-long');
    assert.equal(usernameKey(marks), null);
  });

  it('keep ASCII letters distinct, and similar letters of one alphabet', () => {
    assert.notEqual(usernameKey('bill'), usernameKey('bi11'));
    assert.notEqual(usernameKey('modern'), usernameKey('modem'));
    assert.notEqual(usernameKey('göran'), usernameKey('goran'));
    assert.notEqual(usernameKey('анна'), usernameKey('ана'));
  });

  it('have a key that does not change when it is folded again', () => {
    for (const name of ['İstanbul', 'ΰΐ', 'straße', 'ŉaa', 'ǆungla', 'ᾳᾼ', 'Ω mega', 'ﬃx']) {
      const once = foldLookalikes(foldCase(name));
      assert.equal(foldLookalikes(foldCase(once)), once, name);
    }
  });

  it('fold every lookalike to a form that folds no further', () => {
    const { looks } = JSON.parse(readFileSync(new URL('./lookalikes.json', import.meta.url), 'utf8'));
    for (const [letter, look] of Object.entries<string>(looks)) {
      const folded = foldLookalikes(look);
      assert.equal(foldLookalikes(folded), folded, letter);
    }
  });
});
