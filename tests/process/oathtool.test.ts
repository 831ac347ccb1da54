import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { oathtoolPath } from '../../scripts/provide/oathtool.ts';
import { isoTime } from '../../src/platform/runtime/index.ts';
import {
  AUTHENTICATOR,
  enterFactorCode,
  FACTOR_STEP,
  nextCode,
  offeredSecret,
  RECOVERY_CODES,
  setupIn,
} from '../kit/second-factors.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, signInAs } from '../kit/visitor.ts';

let oathtool: string;
before(() => {
  oathtool = oathtoolPath();
});

/** The code that oathtool computes from the key as the page shows it. */
function codeOf({ clock }: TestSystem, key: string): string {
  const time = `--now=${isoTime(clock.read())}`;
  return execFileSync(oathtool, ['--totp', '--base32', time, key], { encoding: 'utf8' }).trim();
}

describe('oathtool as an authenticator app', () => {
  it('sets itself up with the key of the page, and signs in with each of its next codes', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const page = await ada.get(AUTHENTICATOR);
    const key = offeredSecret(page);
    const code = codeOf(system, key);
    assert.match(code, /^\d{6}$/);
    assert.equal((await ada.submit(AUTHENTICATOR, { setup: setupIn(page), code })).location, RECOVERY_CODES);
    for (let times = 0; times < 20; times += 1) {
      nextCode(system);
      const visitor = system.visitor();
      assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, FACTOR_STEP);
      assert.equal((await enterFactorCode(visitor, codeOf(system, key))).location, '/dashboard');
    }
  });
});
