import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyFor } from './proxies.ts';
import { outboundSettings, withProxyVariables } from './settings.ts';

const { httpsProxy, noProxy } = outboundSettings;

const proxyAt = (text: string) => httpsProxy.schema.safeParse(text);

describe('the address of a proxy', () => {
  const USABLE: readonly (readonly [text: string, label: string, host: string, port: number])[] = [
    ['http://proxy.example.org:3128', 'http://proxy.example.org:3128', 'proxy.example.org', 3128],
    [' http://proxy.example.org:3128/ ', 'http://proxy.example.org:3128', 'proxy.example.org', 3128],
    ['proxy:3128', 'http://proxy:3128', 'proxy', 3128],
    ['10.0.0.8:3128', 'http://10.0.0.8:3128', '10.0.0.8', 3128],
    ['HTTP://PROXY', 'http://proxy', 'proxy', 80],
    ['https://proxy.example.org', 'https://proxy.example.org', 'proxy.example.org', 443],
    ['http://[2001:db8::8]:3128', 'http://[2001:db8::8]:3128', '2001:db8::8', 3128],
    ['http://ada:hunter2@proxy:3128', 'http://proxy:3128', 'proxy', 3128],
    ['ada:hunter2@proxy:3128', 'http://proxy:3128', 'proxy', 3128],
  ];

  it('is read as other software reads it, and is shown without its user', () => {
    for (const [text, label, host, port] of USABLE) {
      const { isSecure: _, authorization: __, ...read } = httpsProxy.schema.parse(text);
      assert.deepEqual(read, { label, host, port }, text);
      assert.equal(httpsProxy.masked?.(text), label, text);
    }
  });

  it('may have a user and a percent-encoded password, which are sent as they are meant (RFC 7617)', () => {
    const sent = (text: string) => {
      const { authorization } = httpsProxy.schema.parse(text);
      return authorization === null
        ? null
        : Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
    };
    assert.equal(sent('http://proxy:3128'), null);
    assert.equal(sent('http://ada:p%40ss%3Aw%C3%B6rd@proxy:3128'), 'ada:p@ss:wörd');
    assert.equal(sent('http://HARBOUR%5Cada:x@proxy:3128'), 'HARBOUR\\ada:x');
    assert.equal(sent('http://ada@proxy:3128'), 'ada:');
  });

  it('is refused where it is no HTTP proxy, with nothing of it in the message', () => {
    for (const [text, problem] of [
      ['socks5://hunter2@proxy:1080', /SOCKS proxy, which is not supported/],
      ['socks5h://hunter2:1080', /SOCKS/],
      ['ftp://hunter2:21', /is no HTTP proxy/],
      ['http://', /is no HTTP proxy/],
      ['http://ada:hunter2@:3128', /is no HTTP proxy/],
      ['http://proxy:3128/hunter2', /more than a proxy/],
      ['http://proxy:3128?hunter2', /more than a proxy/],
      ['http://ada:%zz-hunter2@proxy:3128', /percent-encoded/],
    ] as const) {
      const message = String(proxyAt(text).error?.message);
      assert.match(message, problem, text);
      assert.doesNotMatch(message, /hunter2/);
      assert.equal(httpsProxy.masked?.(text), '********', text);
    }
  });
});

const isExempt = (list: string, address: string) => noProxy.schema.parse(list)(new URL(address));

describe('the list of what is requested without a proxy', () => {
  const CASES: readonly (readonly [list: string, exempt: readonly string[], proxied: readonly string[]])[] = [
    ['', [], ['https://id.example.org']],
    ['*', ['https://id.example.org', 'https://192.0.2.1'], []],
    ...['example.org', '.example.org', '*.example.org', 'EXAMPLE.org.', 'https://example.org/'].map(
      (list) =>
        [
          list,
          [
            'https://example.org',
            'https://id.example.org',
            'https://A.B.Example.ORG.',
            'https://id.example.org:8443',
          ],
          ['https://badexample.org', 'https://example.org.evil.net', 'https://example.com'],
        ] as const,
    ),
    ['example.org:8443', ['https://id.example.org:8443'], ['https://id.example.org']],
    ['example.org:443', ['https://id.example.org'], ['https://id.example.org:8443', 'http://example.org']],
    [
      'münchen.example',
      ['https://xn--mnchen-3ya.example', 'https://id.münchen.example'],
      ['https://munchen.example'],
    ],
    ['10.0.0.0/8', ['https://10.1.2.3'], ['https://11.0.0.1', 'https://10.example.org']],
    ['192.168.7.9', ['https://192.168.7.9', 'https://192.168.7.9:8443'], ['https://192.168.7.90']],
    ['192.168.7.9:8443', ['https://192.168.7.9:8443'], ['https://192.168.7.9']],
    ['192.168.*', ['https://192.168.7.9'], ['https://192.16.8.9']],
    ['fd00::/8', ['https://[fd12::1]'], ['https://[2001:db8::1]']],
    ['[2001:db8::1]:8443', ['https://[2001:db8::1]:8443'], ['https://[2001:db8::1]']],
    ['2001:db8::1', ['https://[2001:db8::1]', 'https://[2001:db8:0::1]:8443'], ['https://[2001:db8::2]']],
    ['id.example.org, intern  10.0.0.0/8,,', ['https://intern', 'https://10.9.9.9'], ['https://example.org']],
    ['<local>,10.0.0.0/99,%,[', [], ['https://id.example.org', 'https://10.0.0.1', 'https://intern']],
  ];

  it('names domains, addresses, networks, ports or everything, as in other software', () => {
    for (const [list, exempt, proxied] of CASES) {
      for (const address of exempt) assert.equal(isExempt(list, address), true, `“${list}” has ${address}`);
      for (const address of proxied)
        assert.equal(isExempt(list, address), false, `“${list}” lacks ${address}`);
    }
  });

  it('need not name this machine, which no proxy leads to', () => {
    const proxies = {
      httpsProxy: proxyAt('proxy:1').data,
      httpProxy: proxyAt('proxy:2').data,
      noProxy: () => false,
    };
    const portFor = (address: string) => proxyFor(proxies, new URL(address))?.port ?? null;
    for (const host of ['localhost', 'id.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])
      assert.deepEqual([portFor(`https://${host}`), portFor(`http://${host}:8080`)], [null, null], host);
    assert.deepEqual([portFor('https://id.example.org'), portFor('http://id.example.org')], [1, 2]);
  });
});

describe('the environment of proxies', () => {
  it('is read in capitals and in small letters, of which the latter win', () => {
    const read = (environment: NodeJS.ProcessEnv) => withProxyVariables({ PATH: '/bin', ...environment });
    assert.deepEqual(read({ https_proxy: 'a:1', no_proxy: 'x' }), {
      PATH: '/bin',
      HTTPS_PROXY: 'a:1',
      NO_PROXY: 'x',
    });
    assert.deepEqual(read({ https_proxy: 'a:1', HTTPS_PROXY: 'b:1' }), { PATH: '/bin', HTTPS_PROXY: 'a:1' });
    assert.deepEqual(read({ http_proxy: '', HTTP_PROXY: 'b:1' }), { PATH: '/bin', HTTP_PROXY: 'b:1' });
  });
});
