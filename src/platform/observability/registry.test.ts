import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { addGauge, createCounter, createHistogram, createRegistry } from './registry.ts';

const HELP = 'Has a "quotation", a back\\slash\nand two lines.';
const VALUES = [0, 0.05, 0.1, 0.1000001, 0.3, 1, 7, 1e-7, 123456789.125];
const HOSTILE = 'a "quoted" \\ path\nin two lines';

/** The same metrics, by our registry and by prom-client. */
async function bothTexts(): Promise<readonly [string, string]> {
  const [ours, theirs] = [createRegistry(), new Registry()];
  const registers = [theirs];

  const count = createCounter(ours, { name: 'events_total', help: HELP, labels: ['type'] });
  const counter = new Counter({ name: 'events_total', help: HELP, labelNames: ['type'], registers });
  count({ type: 'a' }, 0);
  counter.inc({ type: 'a' }, 0);
  for (const type of ['b', HOSTILE, 'b']) {
    count({ type });
    counter.inc({ type });
  }

  const described = { name: 'uses_total', help: HELP };
  const countBoth = createCounter(ours, { ...described, labels: ['kind', 'outcome'] });
  const both = new Counter({ ...described, labelNames: ['kind', 'outcome'], registers });
  for (const labels of [
    { kind: 'a', outcome: HOSTILE },
    { kind: HOSTILE, outcome: 'a' },
    { kind: 'a', outcome: HOSTILE },
  ]) {
    countBoth(labels);
    both.inc(labels);
  }

  addGauge(ours, { name: 'open', help: 'Open.' }, () => 12.5);
  new Gauge({ name: 'open', help: 'Open.', registers }).set(12.5);

  const buckets = [0.1, 0.25, 1];
  const timed = { name: 'timed_seconds', help: 'Timed.', buckets };
  const observe = createHistogram(ours, { ...timed, labels: ['route', 'method'] });
  const histogram = new Histogram({ ...timed, labelNames: ['route', 'method'], registers });
  const single = { name: 'single_seconds', help: 'Without labels.', buckets };
  const observeSingle = createHistogram(ours, { ...single, labels: [] });
  const singleHistogram = new Histogram({ ...single, registers });
  for (const [at, value] of VALUES.entries()) {
    const labels = { route: at % 2 === 0 ? '/login' : HOSTILE, method: 'GET' };
    observe(labels, value);
    histogram.observe(labels, value);
    observeSingle({}, value);
    singleHistogram.observe(value);
  }
  return [ours.text(), await theirs.metrics()];
}

describe('the metrics', () => {
  it('are written exactly as prom-client writes them, whatever labels and texts contain', async () => {
    const [ours, theirs] = await bothTexts();
    assert.equal(ours, theirs);
  });

  it('have each name once', () => {
    const registry = createRegistry();
    addGauge(registry, { name: 'open', help: 'Open.' }, () => 1);
    assert.throws(() => addGauge(registry, { name: 'open', help: 'Open.' }, () => 2), /two metrics open/);
  });
});
