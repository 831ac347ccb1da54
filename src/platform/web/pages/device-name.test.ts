import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceName } from './device-name.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36`;
const ANDROID = `Mozilla/5.0 (Linux; Android 14; SM-S921B) ${WEBKIT}`;

const KNOWN = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox', 'Linux'],
  [WINDOWS, 'Chrome', 'Windows'],
  [`${WINDOWS} Edg/126.0.0.0`, 'Microsoft Edge', 'Windows'],
  [`${WINDOWS} OPR/111.0.0.0`, 'Opera', 'Windows'],
  [`${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36`, 'Chrome', 'Android'],
  [`${ANDROID} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`, 'Samsung Internet', 'Android'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari',
    'iOS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
    'Safari',
    'macOS',
  ],
] as const;

describe('the name of a browser and its system', () => {
  it('is recognised for common user agents', () => {
    for (const [userAgent, browser, system] of KNOWN) {
      assert.deepEqual(deviceName(userAgent), { browser, system, selfName: null }, userAgent);
    }
  });

  it('is unknown for others, with what the browser calls itself', () => {
    const unknown = { browser: null, system: null };
    assert.deepEqual(deviceName('curl/8.5.0'), { ...unknown, selfName: 'curl/8.5.0' });
    assert.deepEqual(deviceName(''), { ...unknown, selfName: null });
    assert.deepEqual(deviceName(' \u0085\t'), { ...unknown, selfName: null });
  });

  it('is never made up of words that the sender chose', () => {
    for (const text of ['Your bank/1 x', 'This browser/1.0 (Linux)', 'Your bank 1.0 ', '__proto__/1 x']) {
      assert.equal(deviceName(text).browser, null, text);
    }
  });

  it('is limited to 80 characters and stripped of control characters', () => {
    assert.equal(deviceName(`x/${'1'.repeat(398)}`).selfName?.length, 80);
    assert.equal(deviceName('a\u0007b\u009bc/1').selfName, 'abc/1');
  });
});
