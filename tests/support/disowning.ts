import assert from 'node:assert/strict';
import { mailsOf } from './resets.ts';
import type { TestSystem } from './system.ts';

export const DISOWN = '/not-me';

/** Where the link of the newest notice of a sign-in leads. */
export async function disowningPath(system: TestSystem): Promise<string> {
  const [notice] = await mailsOf(system, 'signed-in-from-new-device');
  const link = /https?:\/\/\S+\/not-me\?token=\S+/.exec(String(notice?.text))?.[0];
  assert.ok(link !== undefined, 'nobody was told');
  const { pathname, search } = new URL(link);
  return pathname + search;
}
