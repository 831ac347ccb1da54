import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { latchkeyMiddleware } from '../../src/adapters/astro.ts';
import { loginRequired as inFastify } from '../../src/adapters/fastify.ts';
import { loginRequired as inHono } from '../../src/adapters/hono.ts';
import { latchkeyNext } from '../../src/adapters/next.ts';
import { loginRequired as inNode } from '../../src/adapters/node.ts';
import { latchkeyMiddleware as inNuxt } from '../../src/adapters/nuxt.ts';
import { loginRequired as inReactRouter } from '../../src/adapters/react-router.ts';
import { latchkeyHandle } from '../../src/adapters/sveltekit.ts';
import { onePerProcess } from '../../src/index.ts';
import { createTestLatchkey } from '../../src/testing/index.ts';

const { latchkey, close } = createTestLatchkey({ roles: ['admin'], scopes: ['notes:read', 'notes:write'] });
after(() => close());

const ofProcess = onePerProcess(() => latchkey, 'scopes');

describe('the scopes of an application', () => {
  it('are known to the compiler in every adapter', () => {
    const right = { scope: 'notes:read', role: 'admin' } as const;
    const wrong = { scope: 'notes:reed' } as const;
    const fresh = { scope: 'notes:read', fresh: true } as const;
    const { loginRequired } = latchkeyNext(ofProcess);
    const guards = [
      inNode(latchkey, right),
      inFastify(latchkey, right),
      inHono(latchkey, right),
      inReactRouter(ofProcess, right),
      latchkeyHandle(ofProcess, { guard: ['/notes', { path: '/api', ...right }] }),
      latchkeyMiddleware(ofProcess, { guard: ['/notes', { path: '/api', ...right }] }),
      inNuxt(ofProcess, { guard: ['/notes', { path: '/api', ...right }] }),
      loginRequired((_, { user, token }) => Response.json([user.id, token?.id ?? null]), right),
      // @ts-expect-error: a misspelt scope
      inNode(latchkey, wrong),
      // @ts-expect-error: the same
      inFastify(latchkey, wrong),
      // @ts-expect-error: the same
      inHono(latchkey, wrong),
      // @ts-expect-error: the same
      inReactRouter(ofProcess, wrong),
      // @ts-expect-error: the same
      latchkeyHandle(ofProcess, { guard: [{ path: '/api', ...wrong }] }),
      // @ts-expect-error: the same
      latchkeyMiddleware(ofProcess, { guard: [{ path: '/api', ...wrong }] }),
      // @ts-expect-error: the same
      inNuxt(ofProcess, { guard: [{ path: '/api', ...wrong }] }),
      // @ts-expect-error: no token is fresh
      inNode(latchkey, fresh),
      // @ts-expect-error: a token has no session
      loginRequired((_, { session }) => Response.json(session.id), right),
    ];
    assert.ok(guards.every((guard) => typeof guard === 'function'));
  });
});
