import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from '../runtime/clock.ts';
import { color, duration, line, oneOf, wholeNumber } from './values.ts';

/** The value of a text, or what is wrong with it. */
function read<Value>(schema: z.ZodType<Value, string>, text: string): Value | string {
  const { success, data, error } = schema.safeParse(text);
  return success ? data : `! ${error.issues[0]?.message}`;
}

describe('a duration', () => {
  const upToMonth = duration({ minimum: '30s', maximum: '30d' });

  it('is a whole number with a unit', () => {
    const right = {
      '45s': 45 * SECOND,
      '30m': 30 * MINUTE,
      '12h': 12 * HOUR,
      ' 7d ': 7 * DAY,
      '030m': 30 * MINUTE,
      '12H': 12 * HOUR,
      '7D': 7 * DAY,
      '45S': 45 * SECOND,
      '30 m': 30 * MINUTE,
      '30min': 30 * MINUTE,
      '5 Minutes': 5 * MINUTE,
      '2 hours': 2 * HOUR,
      '1 day': DAY,
    };
    for (const [text, value] of Object.entries(right)) assert.equal(read(upToMonth, text), value, text);
  });

  it('lies within its bounds, both included', () => {
    assert.equal(read(upToMonth, '30s'), 30 * SECOND);
    assert.equal(read(upToMonth, '30d'), 30 * DAY);
    for (const text of ['29s', '0m', '31d', '721h', '999999999d'])
      assert.equal(
        read(upToMonth, text),
        '! is not a fitting duration; give a whole number and a unit (s, m, h, d), from 30s to 30d',
        text,
      );
  });

  it('is refused in any other form', () => {
    for (const text of [
      '',
      '30',
      'm',
      '1.5h',
      '-5m',
      '5w',
      '5mo',
      '5 months',
      '1h30m',
      '1e3s',
      '٣٠m',
      'Infinityd',
    ])
      assert.match(String(read(upToMonth, text)), /^! /, text);
  });
});

describe('a duration with a capital M', () => {
  it('is refused, because it could mean minutes or months', () => {
    for (const text of ['30M', '1 M'])
      assert.match(
        String(read(duration({ minimum: '1s', maximum: '30d' }), text)),
        /^! could mean minutes or months; give/,
      );
  });
});

describe('a whole number', () => {
  it('lies within its bounds, both included', () => {
    const port = wholeNumber(1, 65_535);
    for (const [text, value] of [
      ['1', 1],
      ['65535', 65_535],
      [' 80 ', 80],
      ['007', 7],
    ] as const)
      assert.equal(read(port, text), value);
    for (const text of ['0', '65536', '-1', '1.0', '1e3', '0x50', '', ' ', 'NaN', '8o'])
      assert.equal(read(port, text), '! is not fitting; give a whole number from 1 to 65535', text);
  });
});

describe('a keyword', () => {
  it('is one of the known words', () => {
    const email = oneOf(['optional', 'off']);
    assert.equal(read(email, ' off '), 'off');
    assert.deepEqual([read(email, 'OFF'), read(email, 'Optional\r')], ['off', 'optional']);
    for (const text of ['of', '', 'constructor', 'true', 'no', 'o ff'])
      assert.equal(read(email, text), '! is not known; give one of optional, off', text);
  });
});

describe('a switch', () => {
  it('is on or off, in any word that leaves no doubt', () => {
    const magicLink = oneOf(['off', 'on']);
    for (const text of ['on', 'On', 'TRUE', 'true', 'yes', ' 1 ', 'enabled'])
      assert.equal(read(magicLink, text), 'on');
    for (const text of ['off', 'False', 'NO', '0', 'disabled']) assert.equal(read(magicLink, text), 'off');
    for (const text of ['', '2', 'y', 'none', 'null', 'onn', 'truee'])
      assert.equal(read(magicLink, text), '! is not known; give one of off, on', text);
  });
});

describe('a line of text', () => {
  it('is short and on one line', () => {
    assert.equal(read(line(10), '  Büro №1 '), 'Büro №1');
    for (const text of ['', '   ', 'x'.repeat(11), 'two\nlines', 'a\u0000b', 'a\u001b[31m'])
      assert.equal(read(line(10), text), '! is not fitting; give 1 to 10 characters on one line', text);
  });
});

describe('a colour', () => {
  it('is six hexadecimal digits', () => {
    assert.equal(read(color, ' #1D4ED8 '), '#1d4ed8');
    for (const text of ['#fff', '1d4ed8', '#1d4edg', 'red', '#1d4ed8;}', 'rgb(0,0,0)', ''])
      assert.equal(
        read(color, text),
        '! is not a colour; give six hexadecimal digits, such as #1d4ed8',
        text,
      );
  });
});
