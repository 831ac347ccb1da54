import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const TRICKS = [
  '//e.example',
  '/\\e.example',
  '/\t/e.example',
  '/.//e.example',
  'https://e.example',
  'javascript:alert(1)',
];

describe('a sign-in with a “next” path', () => {
  it('redirects to a local path, which the form carries', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const away = await ada.get('/dashboard?tab=1');
    assert.equal(away.status, 303);
    assert.equal(away.location, '/login?next=%2Fdashboard%3Ftab%3D1');
    const form = await ada.get(String(away.location));
    assert.match(form.body, /name="next" value="\/dashboard\?tab=1"/);
    assert.match(form.body, /Please sign in to go on/);
    const answer = await ada.submit('/login', { ...ADA, next: '/dashboard?tab=1' });
    assert.equal(answer.location, '/dashboard?tab=1');
  });

  it('A27: redirects to the dashboard when the path leads to another site, in the URL and in the form', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    for (const next of TRICKS) {
      const visitor = system.visitor();
      const form = await visitor.get(`/login?next=${encodeURIComponent(next)}`);
      assert.doesNotMatch(form.body, /name="next"/, next);
      const answer = await visitor.submit('/login', { ...ADA, next });
      assert.equal(answer.location, '/dashboard', next);
      const already = await visitor.get(`/login?next=${encodeURIComponent(next)}`);
      assert.equal(already.location, '/dashboard', next);
    }
  });

  it('A27: ignores the headers Referer, Host and X-Forwarded-Host', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const headers = { referer: 'https://e.example/', host: 'e.example', 'x-forwarded-host': 'e.example' };
    const away = await ada.get('/dashboard', headers);
    assert.equal(away.location, '/login?next=%2Fdashboard');
    const answer = await ada.submit('/login', ADA, headers);
    assert.equal(answer.location, '/dashboard');
    assert.equal((await ada.submit('/logout', {}, headers)).location, '/login');
  });

  it('A27: keeps a local path through registration, and drops any other', async () => {
    await using system = await startSystem();
    const answer = await system.visitor().submit('/register', { ...ADA, next: '/dashboard?tab=1' });
    assert.equal(answer.location, '/login?next=%2Fdashboard%3Ftab%3D1');
    const tricked = await system
      .visitor()
      .submit('/register', { ...ADA, username: 'Eve', next: '//e.example' });
    assert.equal(tricked.location, '/login');
  });
});
