import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createMetrics } from '../../src/platform/observability/index.ts';
import { engines } from '../kit/databases.ts';
import { samplesIn, total } from '../kit/metrics.ts';
import { existingAccountId, startSystem } from '../kit/system.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

async function startMeasured() {
  const metrics = createMetrics();
  const system = await startSystem({}, engines[0], { metrics });
  return { ...system, text: metrics.text };
}

type Measured = Awaited<ReturnType<typeof startMeasured>>;

/** Every label of the metrics of a system, as one line each. */
async function labelsOf({ text }: Measured): Promise<ReadonlySet<string>> {
  return new Set(
    samplesIn(await text())
      .filter(({ name }) => name.startsWith('latchkey_'))
      .flatMap(({ labels }) => Object.entries(labels).map(([name, value]) => `${name}=${value}`)),
  );
}

const TYPED = 'typed-by-a-stranger';

/** The values that a client can choose: path, method, username and host. */
async function sendAsVisitor(system: Measured, piece: string, method: string): Promise<void> {
  const text = `${TYPED} ${piece}`;
  const path = encodeURIComponent(text);
  const { origin, fetch } = system;
  for (const url of [`${origin}/${path}`, `${origin}/login?next=${path}`, `http://${TYPED}.example/${path}`])
    await fetch(new Request(url, { headers: { 'user-agent': path, cookie: `latchkey=${path}` } }));
  await fetch(new Request(`${origin}/login`, { method }));
  const visitor = system.visitor();
  await visitor.signIn(text, WRONG_PASSWORD);
  await visitor.register(text, text, `${path}@example.org`);
}

describe('the labels of metrics', () => {
  it('A56: never contain what a visitor typed or requested, and a visitor cannot add a series', async () => {
    await using system = await startMeasured();
    await sendAsVisitor(system, 'first', 'BREW');
    const known = await labelsOf(system);
    const method = fc
      .stringMatching(/^[A-Z]{3,12}$/)
      .filter((word) => !/^(?:CONNECT|TRACE|TRACK)$/.test(word));
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40, unit: 'grapheme' }), method, (piece, word) =>
        sendAsVisitor(system, piece, word),
      ),
      { numRuns: 40, seed: 7 },
    );
    const labels = await labelsOf(system);
    const strange = [...labels].filter((label) => !known.has(label) && !label.startsWith('method='));
    assert.deepEqual(strange, []);
    for (const label of labels) assert.doesNotMatch(label, new RegExp(TYPED));
    const methods = [...labels].filter((label) => label.startsWith('method='));
    assert.ok(methods.includes('method=other') && methods.length <= 8, methods.join(', '));
  });

  it('A56: never identify a user by name, address or id', async () => {
    await using system = await startMeasured();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password, 'ada@example.org');
    await ada.signIn(ADA.username, ADA.password);
    await ada.get('/account/sessions');
    const accountId = await existingAccountId(system, ADA.username);
    const text = await system.text();
    for (const personal of [accountId, /\bada\b/i, 'example.org', '127.0.0.1', ...ada.cookies.values()])
      assert.equal(text.search(personal), -1, String(personal));
  });
});

describe('two systems in one process', () => {
  it('A60: count their events separately', async () => {
    await using one = await startMeasured();
    await using other = await startMeasured();
    const ada = one.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await other.visitor().signIn(ADA.username, ADA.password);
    const signIns = async ({ text }: Measured, outcome: string) =>
      total(await text(), 'latchkey_sign_ins_total', { outcome });
    assert.deepEqual([await signIns(one, 'signed-in'), await signIns(one, 'unknown-account')], [1, 0]);
    assert.deepEqual([await signIns(other, 'signed-in'), await signIns(other, 'unknown-account')], [0, 1]);
  });
});
