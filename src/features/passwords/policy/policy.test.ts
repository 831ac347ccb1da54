import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commonPasswords } from './blocklist.ts';
import { decodeBlocklist, encodeBlocklist } from './blocklist-format.ts';
import { checkPassword, normalisePassword } from './policy.ts';

const UNKNOWN_ID: readonly string[] = [];

function refusalOf(password: string, contextWords = UNKNOWN_ID, minimumCodePoints = 15) {
  const accepted = checkPassword(password, { minimumCodePoints, contextWords });
  return accepted.ok ? null : accepted.reason.kind;
}

describe('the password policy', () => {
  it('requires 15 code points and no kinds of characters', () => {
    assert.equal(refusalOf(''), 'missing');
    assert.equal(refusalOf('tulip anvil zoo'.slice(0, 14)), 'too-short');
    assert.equal(refusalOf('tulip anvil zoo'), null);
    assert.equal(
      refusalOf('🌷🔨🦓🌊🍞🎈🛶🧭🪁🥁🌵🧊🚲🎻'),
      'too-short',
      'fourteen, though each is two UTF-16 units',
    );
    assert.equal(refusalOf('🌷🔨🦓🌊🍞🎈🛶🧭🪁🥁🌵🧊🚲🎻🪶'), null);
  });

  it('returns how long a password is and how long it must be', () => {
    const accepted = checkPassword('kestrel', { minimumCodePoints: 15, contextWords: UNKNOWN_ID });
    assert.deepEqual(accepted, {
      ok: false,
      reason: { kind: 'too-short', minimumCodePoints: 15, codePoints: 7 },
    });
  });

  it('A33: accepts 64 code points of any script and 1,024 bytes, and refuses one byte more', () => {
    const emoji = '🌷🔨🦓🌊🍞🎈🛶🧭🪁🥁🌵🧊🚲🎻🪶🌙';
    assert.equal(refusalOf(emoji.repeat(4)), null);
    const sentence = 'every one of these words is here to make it long; ';
    const longest = sentence.repeat(30).slice(0, 1_024);
    assert.equal(refusalOf(longest), null);
    assert.equal(refusalOf(`${longest}x`), 'too-long');
    assert.equal(refusalOf('x'.repeat(1_000_000)), 'too-long');
  });

  it('A34: treats canonically equivalent texts as one password, and no others', () => {
    assert.equal(normalisePassword('cafe\u0301 in the garden'), 'café in the garden');
    assert.equal(normalisePassword(' two  spaces '), ' two  spaces ');
    assert.notEqual(normalisePassword('ﬁne weather today'), normalisePassword('fine weather today'));
  });

  it('refuses ill-formed text', () => {
    assert.equal(refusalOf('tulip anvil zoo \ud800'), 'ill-formed');
    assert.equal(refusalOf('tulip anvil zoo \0'), 'ill-formed');
  });

  it('refuses common and breached passwords in any case', () => {
    for (const password of [
      '1qaz2wsx3edc4rfv',
      'QWERTY123456789',
      'passwordpassword',
      '30secondstomars',
      'Password12345678',
      'correct horse battery staple',
      'Correct-Horse-Battery-Staple',
    ]) {
      assert.equal(refusalOf(password), 'common', password);
    }
    assert.equal(refusalOf('football', UNKNOWN_ID, 8), 'common');
  });

  it('refuses repetitions and keyboard runs', () => {
    const lazy = [
      'tulip tulip tulip ',
      'xyxyxyxyxyxyxyxyx',
      'abcdefghijklmnop',
      'poiuytrewq098765',
      'qwertyuiopasdfghjklzxcvbnm',
      'aaaaabbbbbcccccddddd',
      '111111111111112',
      'aaaaaaaaaaaaaab',
      `${' '.repeat(16)}x`,
      'Password1Password1',
      'Summer2026Summer2026',
      'iloveyou iloveyou',
      'passwordpassword1',
      'Welcome welcome 2026!',
    ];
    for (const password of lazy) assert.match(String(refusalOf(password)), /^(repetitive|common)$/, password);
    for (const password of ['correct horse correct horse', 'x82047163950284', 'tulip tulip 83051749'])
      assert.equal(refusalOf(password), null, password);
  });

  it('refuses passwords that are little more than the username, the address or the site name', () => {
    const context = ['Alexander', 'alex.the.great@macedon.example', 'Latchkey'];
    for (const password of [
      'alexander2026!!',
      'Alexander-1815-AD',
      'alex.the.great@macedon.example',
      'AlexTheGreat_123',
      'latchkey1234567!',
    ]) {
      assert.equal(refusalOf(password, context), 'context', password);
    }
    assert.equal(refusalOf('alexander feeds nine owls', context), null, 'a sentence may contain the name');
  });
});

describe('the list of common passwords', () => {
  it('holds at least 100,000 passwords', () => {
    assert.ok(commonPasswords().size >= 100_000);
  });

  it('contains exactly what was put into it', () => {
    const words = Array.from({ length: 2_000 }, (_, number) => `word ${number}`);
    const list = decodeBlocklist(encodeBlocklist(new Set(words)));
    assert.equal(list.size, 2_000);
    assert.ok(words.every(list.has));
    assert.ok(!words.some((word) => list.has(`${word}!`)));
  });

  it('is refused as a whole if any part is damaged, so that it never accepts every password', () => {
    const bytes = encodeBlocklist(new Set(['football']));
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    for (const broken of [Buffer.alloc(0), bytes.subarray(0, -1), damaged]) {
      assert.throws(() => decodeBlocklist(broken), /damaged/);
    }
  });
});
