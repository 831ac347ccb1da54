import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestClock } from '../../../tests/kit/clock.ts';
import { SECRET_KEY } from '../../../tests/kit/system.ts';
import { createSecrets } from '../crypto/secrets.ts';
import { HOUR, SECOND } from '../runtime/clock.ts';
import { createFormTimes } from './form-times.ts';

const OTHER_SECRET = 'YW5vdGhlciBzZWNyZXQgZm9yIHRlc3RzIG9ubHkgMTIz';

describe('the timestamp of a form', () => {
  it('returns how long ago the form was rendered', () => {
    const clock = createTestClock();
    const { stamp, age } = createFormTimes(createSecrets([SECRET_KEY]), clock.read);
    const made = stamp();
    assert.equal(age(made), 0);
    clock.advance(90 * SECOND);
    assert.equal(age(made), 90 * SECOND);
    assert.equal(age(stamp()), 0);
  });

  it('A59: never gives a negative age when the clock steps back', () => {
    const clock = createTestClock();
    const { stamp, age } = createFormTimes(createSecrets([SECRET_KEY]), clock.read);
    const made = stamp();
    clock.advance(-HOUR);
    assert.equal(age(made), 0);
  });

  it('A13: is ignored if it is forged or was changed', () => {
    const clock = createTestClock();
    const { stamp, age } = createFormTimes(createSecrets([SECRET_KEY]), clock.read);
    const [moment, signature] = stamp().split('.');
    const others = ['', '.', '0', `0.${signature}`, `${Number(moment) - HOUR}.${signature}`, `${moment}.`];
    const foreign = createFormTimes(createSecrets([OTHER_SECRET]), clock.read).stamp();
    for (const other of [...others, foreign]) assert.equal(age(other), null, other);
  });

  it('stays valid while the old secret is still listed', () => {
    const clock = createTestClock();
    const made = createFormTimes(createSecrets([SECRET_KEY]), clock.read).stamp();
    const { age } = createFormTimes(createSecrets([OTHER_SECRET, SECRET_KEY]), clock.read);
    assert.equal(age(made), 0);
  });
});
