import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { announceTo, type Event, type Observer, type Origin } from './events.ts';

const EVENT: Event = { type: 'registered', accountId: 'the account' };
const ORIGIN: Origin = { requestId: 'the request', address: '192.0.2.7', userAgent: 'a browser' };

describe('an event', () => {
  it('reaches every observer together with its origin', () => {
    const seen: unknown[] = [];
    const observer: Observer = (...all) => seen.push(all);
    announceTo([observer, observer], assert.ifError)(EVENT, ORIGIN);
    assert.deepEqual(seen, [
      [EVENT, ORIGIN],
      [EVENT, ORIGIN],
    ]);
  });

  it('reaches every other observer if one throws, and the failure is reported', () => {
    const failure = new Error('the disk is full');
    const broken: Observer = () => {
      throw failure;
    };
    const [seen, failures]: [Event[], unknown[]] = [[], []];
    const announce = announceTo([broken, (event) => seen.push(event), broken], (error) =>
      failures.push(error),
    );
    announce(EVENT, ORIGIN);
    assert.deepEqual(seen, [EVENT]);
    assert.deepEqual(failures, [failure, failure]);
  });
});
