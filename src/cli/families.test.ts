import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from '../platform/command-line/index.ts';
import { joinFamilies } from './families.ts';

const verb = (name: string): Command => ({ name, summary: 'Do it.', run: async () => undefined });
const user = { name: 'user', summary: 'Users.', members: [verb('user list')] };

describe('a verb of a feature', () => {
  it('joins the family that its name begins with', () => {
    const [joined, single] = joinFamilies([user, verb('tune'), verb('user reset-link')]);
    assert.deepEqual(joined !== undefined && 'members' in joined && joined.members.map(({ name }) => name), [
      'user list',
      'user reset-link',
    ]);
    assert.equal(single?.name, 'tune');
  });

  it('is refused without its family instead of being left out', () => {
    assert.throws(() => joinFamilies([user, verb('passkey list')]), /“passkey list” has no family “passkey”/);
  });
});
