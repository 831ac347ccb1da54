import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Feature } from '../auth/feature.ts';
import { collectMigrations, collectSlots } from './collect.ts';

const content = () => ({ title: '', text: '', link: '' });

function withPanel(path: string): Feature {
  return { name: path, routes: [], accountPanels: [{ path, position: 10, content }] };
}

describe('what features contribute', () => {
  it('is refused where two items of a slot have one position, with the slot and both paths', () => {
    assert.throws(
      () => collectSlots([withPanel('/account/password'), withPanel('/account/codes')]),
      /accountPanels: \/account\/password and \/account\/codes both have the position 10/,
    );
  });

  it('is refused where two migrations have one number, with the next free number', () => {
    const migration = {
      number: 4,
      name: '',
      oldNodes: 'compatible',
      indexes: [],
      up: async () => {},
    } as const;
    assert.throws(() => collectMigrations([migration, migration]), /number 4; the next free one is 5/);
  });
});
