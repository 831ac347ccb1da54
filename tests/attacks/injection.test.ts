import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { startSystem } from '../kit/system.ts';
import { resetCounters } from '../kit/throttling.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

onEveryDatabase('user input', (engine) => {
  it('A42: never becomes part of an SQL statement', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const tries = [
      "' OR '1'='1",
      "Ada' --",
      'Ada"; DROP TABLE accounts; --',
      'A%',
      'A_a',
      '\\',
      '{"$gt":""}',
      '?1',
      '$1',
      "Ada'/**/OR/**/1=1#",
    ];
    for (const tried of tries) {
      await resetCounters(system);
      assert.equal((await system.visitor().signIn(tried, WRONG_PASSWORD)).status, 401, tried);
      assert.equal((await system.visitor().signIn(ADA.username, tried)).status, 401, tried);
      const cookie = `latchkey=${encodeURIComponent(tried)}; latchkey-visitor=${encodeURIComponent(tried)}`;
      assert.equal((await system.visitor().get('/api/session', { cookie })).status, 401);
      assert.equal((await system.visitor().get('/login', { cookie })).status, 200);
    }
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A42: that contains SQL works as a password like any other', async () => {
    await using system = await startSystem({}, engine);
    const password = `'; DROP TABLE accounts; -- \\ % _ "`;
    assert.equal((await system.visitor().register(ADA.username, password)).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, password)).status, 303);
  });

  it('A43: is shown as text wherever it is displayed again', async () => {
    await using system = await startSystem({ siteName: '<i>Site</i> & "Co"' }, engine);
    const payloads = [
      '"><script>alert(1)</script>',
      "' onfocus=alert(1) x='",
      '<img src=x onerror=alert(1)>',
      '</title><svg/onload=alert(1)>',
    ];
    for (const payload of payloads) {
      const pages = [
        await system.visitor().signIn(payload, WRONG_PASSWORD),
        await system.visitor().register(payload, 'short', payload),
        await system.visitor().get(`/login?next=${encodeURIComponent(`/${payload}`)}`),
        await system.visitor().get(`/${encodeURIComponent(payload)}`),
        await system.visitor().get(`/login?error=${encodeURIComponent(payload)}`),
      ];
      for (const { body } of pages) {
        assert.equal(body.includes(payload), false, payload);
        assert.doesNotMatch(body, /<script>|<svg\/|<img src=x|onerror=alert\(1\)>|<i>Site/);
      }
    }
    const name = "O'Neil";
    await system.visitor().register(name, ADA.password);
    const visitor = system.visitor();
    await visitor.signIn(name, ADA.password);
    assert.match((await visitor.get('/dashboard')).body, /<bdi>O&#39;Neil<\/bdi>/);
  });
});
