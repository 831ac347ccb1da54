import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ProviderServer, startProviderServer } from '../../../tests/kit/federation.ts';
import {
  type HttpProxy,
  type Identity,
  type SecureFront,
  startHttpProxy,
  startSecureFront,
  trustedIdentity,
} from '../../../tests/kit/http-proxy.ts';
import { freePort } from '../../../tests/kit/temporary.ts';
import { createOutboundFetch } from './outbound-fetch.ts';
import type { ProxyServer } from './proxies.ts';
import { OutboundRefused } from './refused.ts';
import { outboundSettings } from './settings.ts';

const HOST = 'id.example.org';

const readProxy = (text: string): ProxyServer => outboundSettings.httpsProxy.schema.parse(text);

function fetchThrough(proxy: string) {
  const read = readProxy(proxy);
  const proxies = { httpsProxy: read, httpProxy: read, noProxy: () => false };
  // The name is known to the proxy alone.
  const resolve = (_: string, __: object, done: (error: Error, found: []) => void) =>
    done(new Error('unknown'), []);
  return createOutboundFetch({ isPrivateNetworkAllowed: false, proxies, resolve });
}

const reasonOf = (asking: Promise<Response>) =>
  asking.then(
    () => 'answered',
    (error: unknown) => (error instanceof OutboundRefused ? error.reason : String(error)),
  );

describe('an outgoing request through a proxy', () => {
  let identity: Identity;
  let behind: ProviderServer;
  let front: SecureFront;
  before(async () => {
    identity = await trustedIdentity(HOST, '127.0.0.1');
    behind = await startProviderServer(() => (request, response) => {
      response.setHeader('x-seen', JSON.stringify([request.method, request.headers.host, request.headers]));
      response.end('hello');
    });
    front = await startSecureFront(identity, behind.origin);
  });
  after(async () => {
    await front[Symbol.asyncDispose]();
    await behind[Symbol.asyncDispose]();
  });

  const startLeading = async (tls: Identity | null = null): Promise<HttpProxy> => {
    const proxy = await startHttpProxy(tls);
    proxy.routes.set(`${HOST}:443`, front.port);
    return proxy;
  };

  for (const scheme of ['http', 'https']) {
    it(`is sent in a tunnel, in which an ${scheme} proxy reads nothing, and with its user`, async () => {
      await using proxy = await startLeading(scheme === 'https' ? identity : null);
      const withUser = proxy.url.replace('//', '//ada:p%40ss@');
      const body = new URLSearchParams({ code: 'x' });
      const fetch = fetchThrough(withUser);
      const response = await fetch(`https://${HOST}/token`, {
        method: 'POST',
        headers: { 'x-own': 'y' },
        body,
      });
      assert.equal(await response.text(), 'hello');
      const authorization = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
      assert.deepEqual(proxy.asked, [{ target: `${HOST}:443`, authorization }]);
      const [method, host, headers] = JSON.parse(String(response.headers.get('x-seen')));
      assert.deepEqual([method, host, headers['x-own']], ['POST', HOST, 'y']);
      assert.doesNotMatch(JSON.stringify(headers), /proxy/, 'the destination learns nothing of the proxy');
    });
  }

  it('is sent to the proxy as it is if it is in the clear', async () => {
    await using proxy = await startHttpProxy();
    const response = await fetchThrough(proxy.url)('http://clear.example.org:8080/x?y', {});
    assert.equal(await response.text(), 'sent on in the clear');
    assert.deepEqual(proxy.asked, [
      { target: 'http://clear.example.org:8080/x?y', authorization: undefined },
    ]);
  });

  it('trusts the certificate of the destination no less than without one', async () => {
    await using proxy = await startLeading();
    proxy.routes.set('other.example.org:443', front.port);
    assert.match(await reasonOf(fetchThrough(proxy.url)('https://other.example.org', {})), /altnames/);
  });

  const ANSWERS = {
    'proxy-authentication-required': [407],
    'proxy-refused': [400, 403, 404, 405],
    'proxy-failed': [500, 502, 503, 504],
  };
  for (const [reason, statuses] of Object.entries(ANSWERS))
    it(`fails as ${reason} if the proxy answers with ${statuses.join(', ')}`, async () => {
      await using proxy = await startLeading();
      for (const status of statuses) {
        proxy.answer = status;
        assert.equal(await reasonOf(fetchThrough(proxy.url)(`https://${HOST}`, {})), reason);
      }
    });

  it('fails as proxy-unreachable if no proxy is there, it has another certificate, or speaks something else', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    await using other = await startHttpProxy(await trustedIdentity('proxy.example.org'));
    const garbled = `http://127.0.0.1:${front.port}`;
    for (const url of [nowhere, other.url, garbled])
      assert.equal(await reasonOf(fetchThrough(url)(`https://${HOST}`, {})), 'proxy-unreachable', url);
  });

  it('ends with its time if the proxy never answers', async () => {
    await using proxy = await startLeading();
    proxy.answer = 0;
    const ending = new AbortController();
    const asking = fetchThrough(proxy.url)(`https://${HOST}`, { signal: ending.signal });
    while (proxy.asked.length === 0) await new Promise(setImmediate);
    ending.abort();
    assert.match(await reasonOf(asking), /AbortError/);
  });
});
