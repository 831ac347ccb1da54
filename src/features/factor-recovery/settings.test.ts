import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY } from '../../platform/runtime/index.ts';
import { recoverySettings } from './settings.ts';

const { schema, fallback } = recoverySettings.mfaRecoveryDelay;

describe('MFA_RECOVERY_DELAY', () => {
  it('is off by default, so that a second factor cannot be waited for', () => {
    assert.equal(schema.parse(fallback), null);
  });

  it('takes one day to sixty, and nothing that its owner would not notice', () => {
    assert.equal(schema.parse('7d'), 7 * DAY);
    assert.equal(schema.parse(' off '), null);
    for (const text of ['', '0', '0d', '23h', '61d', 'on', '7', 'never'])
      assert.equal(schema.safeParse(text).success, false, text);
  });
});
