import assert from 'node:assert/strict';
import { ADA } from './people.ts';
import type { TestSystem } from './system.ts';
import { newAddress } from './throttling.ts';
import type { Visitor } from './visitor.ts';

/** Somebody else signs in to Ada's account, and knows her password. */
export async function thief(system: TestSystem): Promise<Visitor> {
  const visitor = system.visitorFrom(newAddress());
  assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
  return visitor;
}
