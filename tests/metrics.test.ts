import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMetrics, measureProcess } from '../src/platform/observability/index.ts';
import { type Engine, engines, onEveryDatabase } from './kit/databases.ts';
import { firstCells, readDocument } from './kit/documents.ts';
import { metricsIn, samplesIn, total } from './kit/metrics.ts';
import {
  authenticatorFor,
  PASSKEY_CONFIRM,
  PASSKEY_SIGN_IN,
  PASSKEYS,
  registerWithPasskey,
  signInWithPasskey,
  upgradeToPasskey,
  usePasskeyOn,
} from './kit/passkeys.ts';
import { reachInside, startSystem, type TestOptions } from './kit/system.ts';
import { freePort } from './kit/temporary.ts';
import { ADA, BEN, tokenIn } from './kit/visitor.ts';

async function startMeasured(options: TestOptions = {}, engine: Engine | undefined = engines[0]) {
  const metrics = createMetrics({ ofProcess: await measureProcess() });
  const system = await startSystem(options, engine, { metrics });
  metrics.watchConnections(() => 0);
  const errors = async (kind: string) => total(await metrics.text(), 'latchkey_errors_total', { kind });
  return { ...system, text: metrics.text, errors };
}

onEveryDatabase('a failure', (engine) => {
  it('of the database is counted, and so is the session check that it prevented', async () => {
    await using system = await startMeasured({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await reachInside(system, 'no public function takes only the database away').core.database.close();
    assert.equal((await ada.get('/api/session')).status, 503);
    assert.equal(await system.errors('database-unavailable'), 1);
    assert.equal(await system.errors('internal'), 0);
    const checks = total(await system.text(), 'latchkey_session_checks_total', { outcome: 'failed' });
    assert.equal(checks, 1);
  });
});

describe('a failure', () => {
  it('from a full hash queue is counted as overload, once per request', async () => {
    await using system = await startMeasured();
    const visitors = Array.from({ length: 3 }, () => system.visitor());
    const tokens = await Promise.all(visitors.map((visitor) => visitor.token('/login')));
    Object.assign(system.hasher, { isFull: () => true });
    const answers = await Promise.all(
      visitors.map((visitor, index) => visitor.post('/login', { csrf: String(tokens[index]), ...ADA })),
    );
    assert.ok(answers.every(({ status }) => status === 503));
    assert.equal(await system.errors('overloaded'), answers.length);
  });

  it('that is a defect is counted as an internal error', async () => {
    await using system = await startMeasured();
    const ada = system.visitor();
    const csrf = await ada.token('/login');
    Object.assign(system.hasher, { verify: () => Promise.reject(new Error('a defect')) });
    assert.equal((await ada.post('/login', { csrf, ...ADA })).status, 500);
    assert.equal(await system.errors('internal'), 1);
  });

  it('of Redis is counted as a fallback when a counter is kept in the database', async () => {
    await using system = await startMeasured({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const fallbacks = async () => total(await system.text(), 'latchkey_redis_fallbacks_total');
    assert.equal(await fallbacks(), 0);
    const { counters } = reachInside(system, 'a page uses several counters, and one is needed here').core;
    await counters.reserve([{ key: 'x', rule: { max: 1, window: 60_000 } }], system.clock.read());
    assert.equal(await fallbacks(), 1);
  });
});

describe('a limit that is reached', () => {
  it('is counted under its policy', async () => {
    await using system = await startMeasured();
    for (let attempt = 0; attempt < 12; attempt += 1) await system.visitor().signIn('nobody', 'wrong');
    assert.equal(total(await system.text(), 'latchkey_throttled_total', { policy: 'account' }), 2);
  });
});

describe('session checks', () => {
  it('are counted by their outcome', async () => {
    await using system = await startMeasured({ sessionRotate: '1m' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await ada.get('/api/session');
    const thief = system.visitor();
    thief.cookies.set('latchkey', String(ada.cookies.get('latchkey')));
    system.clock.advance(61_000);
    await ada.get('/api/session');
    await ada.get('/api/session');
    system.clock.advance(61_000);
    await thief.get('/api/session');
    await ada.get('/api/session');
    const text = await system.text();
    const checks = (outcome: string) => total(text, 'latchkey_session_checks_total', { outcome });
    assert.deepEqual(['current', 'rotated', 'stolen', 'refused', 'failed'].map(checks), [2, 1, 1, 1, 0]);
  });
});

describe('passkeys', () => {
  it('are counted by their ceremony and what came of it', async () => {
    await using system = await startMeasured();
    const silent = system.visitor();
    await silent.register(BEN.username, BEN.password);
    await silent.signIn(BEN.username, BEN.password);
    await upgradeToPasskey(silent, authenticatorFor(system));
    const { visitor, authenticator } = await registerWithPasskey(system);
    const page = { page: '/login', action: PASSKEY_SIGN_IN };
    await signInWithPasskey(system.visitor(), authenticator);
    const use = (other: object) =>
      usePasskeyOn(system.visitor(), page, (options) => authenticator.get(options, other));
    await use({ isUserVerified: false });
    await use({ origin: 'https://evil.example' });
    await usePasskeyOn(visitor, { page: PASSKEYS }, (options) =>
      authenticatorFor(system).create(options, { isUserVerified: false }),
    );
    await usePasskeyOn(visitor, { page: PASSKEY_CONFIRM }, authenticator.get);
    const { body } = await visitor.get(PASSKEYS);
    const [, passkey = ''] = /name="passkey" value="([\w-]+)"/.exec(body) ?? [];
    await visitor.post(PASSKEYS, { csrf: tokenIn(body), passkey, remove: 'on' });
    await signInWithPasskey(system.visitor(), authenticator);
    const counted = samplesIn(await system.text())
      .filter(({ name, value }) => name === 'latchkey_passkeys_total' && value > 0)
      .map(({ labels, value }) => [labels['ceremony'], labels['outcome'], value]);
    assert.deepEqual(counted.toSorted(), [
      ['confirm', 'accepted', 1],
      ['create', 'accepted', 1],
      ['create', 'user-not-verified', 1],
      ['remove', 'accepted', 1],
      ['sign-in', 'accepted', 1],
      ['sign-in', 'passkey-refused', 1],
      ['sign-in', 'passkey-unknown', 1],
      ['sign-in', 'user-not-verified', 1],
      ['upgrade', 'accepted', 1],
    ]);
  });

  it('have every series from the start, and none for what a client sends', async () => {
    await using system = await startMeasured();
    const series = async () =>
      samplesIn(await system.text()).filter(({ name }) => name === 'latchkey_passkeys_total').length;
    const before = await series();
    assert.ok(before > 20);
    for (const credential of ['{}', 'x'.repeat(99), '{"id":"a"}'])
      await system.visitor().postJson(`/api${PASSKEY_SIGN_IN}`, { credential });
    assert.equal(await series(), before);
  });
});

describe('docs/metrics.md', () => {
  it('documents every metric of Latchkey and its type', async () => {
    await using system = await startMeasured();
    const ours = [...metricsIn(await system.text())].filter(([name]) => name.startsWith('latchkey_'));
    const document = readDocument('docs/metrics.md');
    assert.deepEqual([...firstCells(document, 'All metrics')].sort(), ours.map(([name]) => name).sort());
    for (const [name, type] of ours) assert.ok(document.includes(`| \`${name}\` | ${type} |`), name);
  });
});

describe('deploy/prometheus', () => {
  it('uses only existing metrics and labels in its alerts', async () => {
    await using system = await startMeasured();
    const text = await system.text();
    // Comments and quotations describe them; Prometheus evaluates the expressions.
    const expressions = [...readDocument('deploy/prometheus/alerts.yaml').matchAll(/expr: (.+)$/gm)];
    assert.ok(expressions.length >= 8);
    for (const [, expression = ''] of expressions) {
      const selectors = [
        ...expression.matchAll(/\b(latchkey_\w+|process_\w+)(?:\{(\w+)(?:=|!=|=~)"([^"]*)"\})?/g),
      ];
      assert.ok(selectors.length > 0 || /^up/.test(expression), expression);
      for (const [selector, name = '', label, value = ''] of selectors) {
        const base = name.replace(/_(?:bucket|count|sum)$/, '');
        assert.ok(metricsIn(text).has(name) || metricsIn(text).has(base), selector);
        if (label === undefined || base !== name) continue;
        assert.notEqual(total(text, name, { [label]: value }), undefined, selector);
      }
    }
  });
});
