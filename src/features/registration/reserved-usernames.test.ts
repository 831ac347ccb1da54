import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountIdOf, composedFeatures, reachInside, startSystem } from '../../../tests/kit/system.ts';
import { ADA, newAddress } from '../../../tests/kit/visitor.ts';
import { parseUsername } from '../../platform/text/username.ts';
import { createReservedUsernames } from './reserved-usernames.ts';

function isReserved(typed: string, more: readonly string[] = []): boolean {
  const username = parseUsername(typed);
  assert.ok(username.ok, `${typed} is no username`);
  return createReservedUsernames(more, () => [])(username);
}

describe('a reserved username', () => {
  it('implies a role, a placeholder or a path of the site', () => {
    for (const name of [
      'admin',
      'root',
      'support',
      'postmaster',
      'security',
      'everyone',
      'null',
      'www',
      'login',
    ])
      assert.equal(isReserved(name), true, name);
    for (const name of ['Ada', 'administrate', 'Rooty', 'login42', 'sup', 'Robot'])
      assert.equal(isReserved(name), false, name);
  });

  it('A31 I12: stays reserved in other letters, pairs of letters, cases, widths, spaces and marks', () => {
    for (const name of [
      'ADMIN',
      'Ａｄｍｉｎ',
      'ad-min',
      'ad+min',
      'A.D.M.I.N',
      'ad min',
      "admin'",
      '_admin_',
    ])
      assert.equal(isReserved(name), true, name);
    for (const name of ['adrnin', 'AdrniN', 'aclmin', 'rnail', 'vvebrnaster', 'ad-rnin'])
      assert.equal(isReserved(name), true, name);
    for (const name of ['modern', 'Arno', 'claude', 'Bernd', 'savvy'])
      assert.equal(isReserved(name), false, name);
    const inCyrillic = 'сосо';
    assert.equal(isReserved(inCyrillic, ['Coco']), true);
    assert.equal(isReserved('coco', [inCyrillic]), true);
    assert.equal(isReserved(inCyrillic), false);
  });

  it('can be named by the settings or by the name of the site', async () => {
    await using system = await startSystem({ reservedUsernames: 'The Queen, ceo', siteName: 'Acme Login' });
    for (const name of ['the queen', 'TheQueen', 'C.E.O', 'acme login', 'AcmeLogin']) {
      const answer = await system.visitor().register(name, ADA.password);
      assert.equal(answer.status, 422, name);
      assert.match(answer.body, /id="username-problem">This username is reserved/);
    }
    assert.equal(system.hasher.counts.hashes, 0);
  });

  it('is the first segment of any route', async () => {
    await using system = await startSystem();
    const routes = composedFeatures().flatMap((feature) => feature.routes);
    for (const part of new Set(routes.map(({ path }) => path.split('/')[1] ?? ''))) {
      if (!parseUsername(part).ok) continue;
      const answer = await system.visitorFrom(newAddress()).register(part, ADA.password);
      assert.equal(answer.status, 422, part);
      assert.match(answer.body, /This username is reserved/, part);
    }
  });

  it('stays usable for an account that has it already', async () => {
    await using system = await startSystem();
    const { accounts } = reachInside(system, 'registration refuses this name').core;
    const name = parseUsername('support');
    assert.ok(name.ok);
    await accounts.create({ username: name, email: null }, system.clock.read(), async () => {});
    assert.notEqual(await accountIdOf(system, 'support'), null);
  });
});
