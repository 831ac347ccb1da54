import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settingsFromOptions } from '../src/read-settings.ts';
import { startSystem } from './kit/system.ts';

describe('the files that clients request from every site', () => {
  it('include an icon and a robots.txt that lets crawlers read noindex', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const icon = await visitor.get('/favicon.ico');
    assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, 'image/svg+xml']);
    assert.match(icon.body, /^<svg /);
    const robots = await visitor.get('/robots.txt');
    assert.equal(robots.status, 200);
    assert.equal(robots.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(robots.body, 'User-agent: *\nDisallow:\n');
    assert.equal((await visitor.get('/.well-known/security.txt')).status, 404);
  });

  it('include a security.txt of RFC 9116 when a contact is set', async () => {
    const contact = 'mailto:security@example.org';
    await using system = await startSystem({
      baseUrl: 'https://login.example.org',
      securityContact: contact,
    });
    const request = new Request('https://login.example.org/.well-known/security.txt');
    const answer = await system.fetch(request);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    const expected = [
      `Contact: ${contact}`,
      'Expires: 2026-04-01T12:00:00.000Z',
      'Canonical: https://login.example.org/.well-known/security.txt',
      '',
    ];
    assert.deepEqual((await answer.text()).split('\n'), expected);
  });

  it('contain a usable contact', () => {
    for (const wrong of [
      'security@example.org',
      'http://example.org',
      'mailto:x',
      'https://a b',
      'mailto:a@b.org\nX: y',
    ])
      assert.throws(() => settingsFromOptions({ securityContact: wrong }), /SECURITY_CONTACT/, wrong);
  });
});
