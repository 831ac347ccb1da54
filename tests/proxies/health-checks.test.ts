import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHaproxy } from '../../scripts/provide/haproxy.ts';
import { until } from '../kit/clock.ts';
import { startHttpServer } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { startTlsServer } from '../kit/wire.ts';

/** The health checks of HAProxy's documentation, from the shortest on. */
const CHECKS = [
  'option httpchk',
  'option httpchk /healthz',
  'option httpchk GET /healthz',
  'option httpchk HEAD /readyz HTTP/1.0',
  'option httpchk GET /readyz HTTP/1.1',
  'option httpchk\n  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host 10.0.0.7',
  'option httpchk\n  http-check send meth GET uri /healthz\n  http-check expect rstring ^ok$',
];

// HAProxy sends a check over HTTP/2 only if its version is that; it names the host in `Host` and not in `:authority`.
const OVER_HTTP2 = [
  'option httpchk\n  http-check send meth GET uri /readyz ver HTTP/2 hdr Host 10.0.0.7',
  'option httpchk\n  http-check send meth OPTIONS uri / ver HTTP/2 hdr Host balancer',
];

describe('the health checks of HAProxy', () => {
  it('P63: succeed in every form, without and with TLS, and at the port that redirects', async () => {
    const redirect = await freePort();
    await using plain = await startHttpServer({ baseUrl: 'https://login.example.org' });
    await using secure = await startTlsServer({
      baseUrl: 'https://login.example.org',
      tlsRedirectPort: redirect,
    });
    const servers = {
      plain: `127.0.0.1:${plain.port} check`,
      tls: `127.0.0.1:${secure.port} check ssl verify none`,
      redirect: `127.0.0.1:${redirect} check`,
    };
    const overHttp2 = `127.0.0.1:${secure.port} check ssl verify none alpn h2 check-alpn h2`;
    const backends = [
      ...CHECKS.flatMap((check) => Object.values(servers).map((server) => ({ check, server }))),
      ...OVER_HTTP2.map((check) => ({ check, server: overHttp2 })),
    ].map((backend, number) => ({ ...backend, name: `way-${number}` }));
    const haproxy = await startHaproxy(
      () => `global
  log stdout format raw local0
defaults
  mode http
  log global
  option log-health-checks
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  default-server inter 1s rise 1 fall 1
${backends.map(({ name, check, server }) => `backend ${name}\n  ${check}\n  server latchkey ${server}`).join('\n')}
`,
    );
    const seen = (name: string) =>
      new RegExp(`^Health check for server ${name}/latchkey (?:succeeded|failed).*$`, 'm').exec(
        haproxy.output(),
      );
    try {
      for (const { name, check } of backends) {
        await until(`${name} is checked`, () => seen(name) !== null);
        assert.match(seen(name)?.[0] ?? '', /succeeded, reason: Layer7 check passed/, check);
      }
    } finally {
      await haproxy.stop();
    }
  });
});
