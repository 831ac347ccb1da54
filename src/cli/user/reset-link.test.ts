import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { openAndReset, RESET } from '../../../tests/kit/mailed-links.ts';
import { runLinesOn } from '../../../tests/kit/processes.ts';
import { accountIdOf, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ADA } from '../../../tests/kit/visitor.ts';
import { DAY } from '../../platform/runtime/clock.ts';

/** The path of a link, which has to be one of this site. */
function pathOf(system: TestSystem, link: string): string {
  const { origin, pathname, search } = new URL(link);
  assert.deepEqual([origin, pathname], [system.origin, RESET]);
  return pathname + search;
}

const NEW_PASSWORD = 'four grey herons on a pier';
const WORDS = ['user', 'reset-link', ADA.username];

onEveryDatabase('latchkey user reset-link', (engine) => {
  it('creates a link that sets a new password once, for a user without email', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const [made, again] = await runLinesOn(system, [[...WORDS, '--json'], WORDS]);
    assert.match(String(again?.stderr), /"event":"password-reset-link-created"/);
    assert.match(
      String(again?.stdout),
      /\nFor Ada alone, once, until .*\. Whoever has it has the account\.\n$/,
    );
    const { username, link } = JSON.parse(String(made?.stdout));
    assert.equal(username, ADA.username);
    const visitor = system.visitor();
    await visitor.get(pathOf(system, link));
    assert.equal((await visitor.get(RESET)).status, 410, 'the newest alone works');
    const newest = pathOf(system, String(again?.stdout.split('\n')[0]));
    assert.equal((await openAndReset(visitor, newest, NEW_PASSWORD)).status, 303);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await visitor.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    await visitor.get(newest);
    assert.equal((await visitor.get(RESET)).status, 410);
  });

  it('creates a link that expires after a day', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const [made] = await runLinesOn(system, [[...WORDS, '--json']]);
    const path = pathOf(system, JSON.parse(String(made?.stdout)).link);
    // The command has the time of this machine.
    system.clock.advance(Date.now() - system.clock.read() + DAY + 1);
    const visitor = system.visitor();
    await visitor.get(path);
    assert.equal((await visitor.get(RESET)).status, 410);
  });

  it('refuses to create a link for a disabled account, and says how to enable it', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const id = await accountIdOf(system, ADA.username);
    const [, refused] = await runLinesOn(system, [['user', 'disable', ADA.username], WORDS]);
    assert.equal(refused?.status, 1);
    assert.equal(refused?.stderr, `Ada is disabled; first: latchkey user enable ${id}\n`);
  });
});
