import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSystem } from '../../../tests/kit/system.ts';
import { ADA, parseSetCookie, WRONG_PASSWORD } from '../../../tests/kit/visitor.ts';

describe('a message for the next page', () => {
  it('survives one redirect, is shown once, and expires after a minute', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    const registered = await ada.register(ADA.username, ADA.password);
    const left = registered.headers.getSetCookie().map(parseSetCookie);
    assert.equal(left.find(({ name }) => name === 'latchkey-flash')?.maximumAge, 60);
    assert.match((await ada.get('/login')).body, /role="status">Registration successful!/);
    assert.doesNotMatch((await ada.get('/login')).body, /Registration successful!/);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal((await ada.signOut()).location, '/login');
    assert.match((await ada.get('/login')).body, /You have been logged out\./);
    assert.doesNotMatch((await ada.get('/login')).body, /logged out/);
  });

  it('is ignored if its cookie was forged, and the cookie is cleared', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    visitor.cookies.set('latchkey-flash', 'registered.forged');
    assert.doesNotMatch((await visitor.get('/login')).body, /Registration successful!/);
    assert.equal(visitor.cookies.has('latchkey-flash'), false);
  });
});

describe('a page', () => {
  it('has an error in its title if its form was refused, and never contains the password', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const refused = await visitor.signIn(ADA.username, WRONG_PASSWORD);
    const incomplete = await visitor.signIn('', WRONG_PASSWORD);
    const short = await visitor.register(ADA.username, 'kestrel');
    assert.deepEqual([refused.status, incomplete.status, short.status], [401, 422, 422]);
    for (const { body } of [refused, incomplete, short]) {
      assert.match(body, /<title>Error: .* · Latchkey<\/title>/);
      assert.ok(!body.includes(WRONG_PASSWORD) && !body.includes('kestrel'));
    }
    assert.match((await visitor.get('/login')).body, /<title>Sign in · Latchkey<\/title>/);
  });

  it('shows the signed-in user with a sign-out button, and the site name', async () => {
    await using system = await startSystem({ siteName: 'Harbour <Library>' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    assert.doesNotMatch((await ada.get('/login')).body, /Signed in as/);
    await ada.signIn(ADA.username, ADA.password);
    const { body } = await ada.get('/dashboard');
    assert.match(body, /signed in as <\/span><bdi>Ada<\/bdi>/);
    assert.match(body, /<form method="post" action="\/logout">/);
    assert.match(body, /Harbour &lt;Library&gt;/);
    assert.doesNotMatch(body, /<Library>/);
  });

  it('contains no inline script or style, and loads only its own files', async () => {
    await using system = await startSystem();
    for (const path of ['/login', '/register', '/nowhere']) {
      const { body } = await system.visitor().get(path);
      assert.doesNotMatch(body, /<style|\sstyle=|\son\w+=|<script(?! src="\/assets\/)|https?:/, path);
      for (const [, source = ''] of body.matchAll(/(?:src|href)="([^"]*)"/g))
        assert.match(source, /^\/(?!\/)/, path);
    }
  });
});
