import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breachSettings } from './breach-settings.ts';

const { hibpUrl } = breachSettings;

function isTaken(text: string): boolean {
  return hibpUrl.schema.safeParse(text).success;
}

describe('the address of the breach service', () => {
  it('must be https or on loopback, without user, query and fragment', () => {
    for (const text of [
      hibpUrl.fallback,
      'https://hibp.example.org/mirror/',
      'http://127.0.0.1:8080',
      'http://localhost',
    ])
      assert.equal(isTaken(text), true, text);
    for (const text of [
      'http://api.pwnedpasswords.com',
      'http://localhost.example.org',
      'ftp://hibp.example.org',
      'https://user@hibp.example.org',
      'https://hibp.example.org/?key=x',
      'https://hibp.example.org/#x',
      'api.pwnedpasswords.com',
      '',
    ])
      assert.equal(isTaken(text), false, text);
  });
});
