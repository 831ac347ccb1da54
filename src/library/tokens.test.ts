import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { createLatchkey } from '../index.ts';

const UNKNOWN_ID = '00000000-0000-7000-8000-000000000000';
const BY = { by: 'a test' };

describe('the scopes of an application', () => {
  it('are known to the compiler wherever one is named', async () => {
    const latchkey = createLatchkey({
      databaseUrl: 'sqlite::memory:',
      secretKey: SECRET_KEY,
      logLevel: 'silent',
      scopes: ['notes:read', 'notes:write'],
    });
    const request = new Request('http://localhost:3000/api/notes');
    const entry = await latchkey.guard(request, { scope: 'notes:read' });
    assert.equal(entry.ok ? null : entry.status, 401);
    const scopes: readonly ('notes:read' | 'notes:write')[] =
      entry.ok && entry.session === null ? entry.token.scopes : [];
    assert.deepEqual(scopes, []);
    // @ts-expect-error: a misspelt scope
    await latchkey.guard(request, { scope: 'notes:reed' });
    const withoutTokens = await latchkey.guard(request);
    // Without tokens there is a session.
    assert.equal(withoutTokens.ok && withoutTokens.session.id, false);
    const right = { name: 'cron', scopes: ['notes:read'], ...BY } as const;
    const notFound = { ok: false, reason: 'not-found' };
    assert.deepEqual(await latchkey.tokens.create(UNKNOWN_ID, right), notFound);
    // @ts-expect-error: a scope that is not defined
    assert.deepEqual(await latchkey.tokens.create(UNKNOWN_ID, { ...right, scopes: ['x'] }), notFound);
    // @ts-expect-error: no duration
    assert.deepEqual(await latchkey.tokens.create(UNKNOWN_ID, { ...right, expires: 'soon' }), notFound);
    await latchkey.close();
  });
});
