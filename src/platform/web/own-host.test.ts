import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOwnHost } from './own-host.ts';

describe('the host of the site', () => {
  const isOwn = createOwnHost(new URL('https://login.example.org'));

  it('is the host of the public origin, whether or not a proxy terminates TLS', () => {
    for (const url of [
      'https://login.example.org/',
      'http://login.example.org/login?next=%2F',
      'http://login.example.org:443/',
      'https://LOGIN.example.ORG/',
    ])
      assert.ok(isOwn(url), url);
  });

  it('A28: is no other host, however similar', () => {
    for (const url of [
      'https://evil.example/',
      'https://login.example.org.evil.example/',
      'https://login.example.org./',
      'https://xlogin.example.org/',
      'https://login.example.org:8443/',
      'https://login.example.org@evil.example/',
      'https://evil.example@login.example.org/',
      'http://localhost/',
      'http://127.0.0.1/',
      'https://evil.example/https://login.example.org/',
      'login.example.org',
      '',
    ])
      assert.ok(!isOwn(url), url);
  });

  it('includes the port of the public origin', () => {
    const isOnPort = createOwnHost(new URL('https://login.example.org:8443'));
    assert.ok(isOnPort('https://login.example.org:8443/'));
    for (const url of [
      'https://login.example.org/',
      'https://login.example.org:443/',
      'http://login.example.org:84431/',
    ])
      assert.ok(!isOnPort(url), url);
  });

  it('is any name of this machine on any port during development', () => {
    const isLoopback = createOwnHost(new URL('http://localhost:3000'));
    for (const url of [
      'http://localhost:3000/',
      'http://127.0.0.1:3000/',
      'http://[::1]:8080/',
      'http://LOCALHOST/',
    ])
      assert.ok(isLoopback(url), url);
    for (const url of [
      'http://evil.example:3000/',
      'http://localhost.evil.example/',
      'http://192.168.0.1:3000/',
    ])
      assert.ok(!isLoopback(url), url);
    assert.ok(createOwnHost(new URL('http://shop.localhost:3000'))('http://shop.localhost:3000/login'));
  });
});

describe('further hosts', () => {
  it('A28: are answered as they are written, and no others', () => {
    const isOwn = createOwnHost(new URL('https://notes.example.org'), ['api.fly.dev', 'box:8443']);
    for (const url of [
      'https://api.fly.dev/login',
      'http://api.fly.dev/',
      'https://box:8443/',
      'https://notes.example.org/',
    ])
      assert.equal(isOwn(url), true, url);
    for (const url of [
      'https://api.fly.dev:81/',
      'https://api.fly.dev.evil.example/',
      'https://x.api.fly.dev/',
      'https://box/',
    ])
      assert.equal(isOwn(url), false, url);
  });
});
