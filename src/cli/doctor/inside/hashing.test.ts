import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../../../tests/kit/system.ts';
import { givenSettings } from '../../../settings.ts';
import { hashing } from './hashing.ts';

describe('the doctor’s check of the hash cost', () => {
  it('warns if the cost is less than the default, and measures the time of a hash', async () => {
    const look = (PASSWORD_HASH: string) =>
      hashing.run(givenSettings({ SECRET_KEY, PASSWORD_HASH }, '/nowhere'));
    const [low, time] = await look('m=19456,t=2,p=1');
    assert.equal(low?.verdict, 'warning');
    assert.match(String(low?.what), /^PASSWORD_HASH is m=19456,t=2,p=1, which is less than the default$/);
    assert.match(String(time?.what), /^a hash takes \d+ ms with every core busy$/);
    assert.equal((await look('m=19456,t=4,p=1'))[0]?.verdict, 'ok');
  });
});
