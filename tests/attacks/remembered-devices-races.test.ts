import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  AUTHENTICATOR_STEP,
  FACTOR_STEP,
  nextCode,
  RECOVERY_CODES,
  registerWithAuthenticator,
} from '../kit/second-factors.ts';
import { reachInside, startTwoNodes } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const ROUNDS = 6;

onEveryDatabase('a browser that is being remembered', (engine) => {
  it('A39 A11 is forgotten where a change of credentials, or signing out everywhere else, comes at the same moment', async () => {
    await using pair = await startTwoNodes(engine, { email: 'off', mfaRemember: '30d' });
    const { one, other } = pair;
    const { visitor: ada, app } = await registerWithAuthenticator(one);
    const { queries } = reachInside(one, 'no page shows rows that do not work').core.database;
    for (let round = 0; round < ROUNDS; round += 1) {
      nextCode(one);
      nextCode(other);
      const browser = other.visitor();
      assert.equal((await browser.signIn(ADA.username, ADA.password)).location, FACTOR_STEP);
      const csrf = await browser.token(AUTHENTICATOR_STEP);
      const [path, page] =
        round % 2 === 0
          ? [RECOVERY_CODES, RECOVERY_CODES]
          : ['/account/sessions/end-others', '/account/sessions'];
      const own = await ada.token(page);
      const [entered, changed] = await Promise.all([
        browser.post(AUTHENTICATOR_STEP, { csrf, code: app.code(), 'remember-device': 'on' }),
        ada.post(path, { csrf: own }),
      ]);
      assert.ok([303, 401].includes(entered.status), `${entered.status}`);
      assert.equal(changed.status, 303);
      const session = await browser.get('/api/session');
      const rows = await queries.selectFrom('remembered_devices').selectAll().execute();
      // Either the change came first, and the sign-in was a later one; or nothing is left of it.
      if (session.status !== 200) assert.deepEqual(rows, [], `round ${round}`);
      if (rows.length > 0) assert.equal(session.status, 200, `round ${round}`);
      await queries.deleteFrom('remembered_devices').execute();
    }
  });
});
