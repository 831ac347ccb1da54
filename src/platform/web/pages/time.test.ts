import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../runtime/clock.ts';
import { english } from '../../words/index.ts';
import { agoText, timeOf } from './time.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

describe('a time on a page', () => {
  it('is shown in UTC, since the time zone of the reader is unknown', () => {
    const written = '<time datetime="2026-01-31T12:00:00.000Z">31 Jan 2026, 12:00 UTC</time>';
    assert.equal(String(timeOf(english.words, NOW)), written);
  });

  it('can be shown relative to now, in units that depend on no time zone', () => {
    const ago = (milliseconds: number) => agoText(english.words, NOW - milliseconds, NOW);
    assert.equal(ago(0), 'just now');
    assert.equal(ago(MINUTE - 1), 'just now');
    assert.equal(ago(MINUTE), '1 minute ago');
    assert.equal(ago(HOUR - 1), '59 minutes ago');
    assert.equal(ago(2 * HOUR), '2 hours ago');
    assert.equal(ago(DAY), '1 day ago');
    assert.equal(ago(29 * DAY), '29 days ago');
    assert.equal(ago(-HOUR), 'just now', 'from a node whose clock is ahead');
  });
});
