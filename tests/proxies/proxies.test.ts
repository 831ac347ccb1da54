import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { startCaddy } from '../../scripts/provide/caddy.ts';
import { startHaproxy } from '../../scripts/provide/haproxy.ts';
import { startNginxWith } from '../../scripts/provide/nginx.ts';
import { until } from '../kit/clock.ts';
import { readDocument } from '../kit/documents.ts';
import { type HttpServer, startHttpServer } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA, addressOf, createVisitor, type HeaderFields } from '../kit/visitor.ts';
import { fetchThrough, newPair, type Pair, sendRaw } from '../kit/wire.ts';

const SITE = 'login.example.org';
/** Another address of this machine than the proxy's own. */
const VISITOR = '127.0.0.2';

type Ports = { readonly https: number; readonly http: number; readonly latchkey: number };
type Proxy = { readonly stop: () => Promise<void>; readonly readLog: () => string };

/**
 * Puts the values of a test into a configuration that users copy; each placeholder must exist. All at once, because a value may
 * contain a placeholder: port 30002 begins with 3000.
 */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  const placeholders = Object.keys(values);
  for (const wanted of placeholders) assert.ok(text.includes(wanted), `the configuration has no ${wanted}`);
  const any = placeholders.map((wanted) => wanted.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|');
  return text.replace(new RegExp(any, 'g'), (wanted) => values[wanted] ?? wanted);
}

async function startShippedNginx({ https, http, latchkey }: Ports, pair: Pair): Promise<Proxy> {
  let log = '';
  const { stop } = await startNginxWith((write) => {
    log = write('access.log', '');
    return filled(readDocument('deploy/nginx/latchkey.conf'), {
      'listen 443': `listen 127.0.0.1:${https}`,
      'listen 80': `listen 127.0.0.1:${http}`,
      '127.0.0.1:3000': `127.0.0.1:${latchkey}`,
      '/etc/letsencrypt/live/login.example.org/fullchain.pem': write('tls.crt', pair.certificate),
      '/etc/letsencrypt/live/login.example.org/privkey.pem': write('tls.key', pair.key),
      '/var/log/nginx/access.log': log,
      // Both into one file, so that a test sees all that is logged.
      '/var/log/nginx/error.log': log,
    });
  });
  return {
    stop,
    readLog: () => [log, join(dirname(log), 'http.log')].map((file) => readFileSync(file, 'utf8')).join(''),
  };
}

/** The Caddyfile, by itself or as the Compose file mounts it; with access logs. */
async function startShippedCaddy(
  { https, http, latchkey }: Ports,
  pair: Pair,
  environment: Readonly<Record<string, string>>,
): Promise<Proxy> {
  const isMounted = environment['LATCHKEY_UPSTREAM'] !== undefined;
  const { stop, output } = await startCaddy((write) => {
    const tls = `tls ${write('tls.crt', pair.certificate)} ${write('tls.key', pair.key)}`;
    return filled(readDocument('deploy/caddy/Caddyfile'), {
      'log default {': `admin off\n\thttp_port ${http}\n\thttps_port ${https}\n\tdefault_bind 127.0.0.1\n\tlog default {`,
      [`{$LATCHKEY_DOMAIN:${SITE}} {`]: `{$LATCHKEY_DOMAIN:${SITE}} {\n\tlog\n\t${tls}`,
      ...(!isMounted && { '127.0.0.1:3000': `127.0.0.1:${latchkey}` }),
    });
  }, environment);
  return { stop, readLog: output };
}

async function startShippedHaproxy({ https, http, latchkey }: Ports, pair: Pair): Promise<Proxy> {
  const { stop, output } = await startHaproxy((write) =>
    filled(readDocument('deploy/haproxy/haproxy.cfg'), {
      'bind :443': `bind 127.0.0.1:${https}`,
      'bind :80': `bind 127.0.0.1:${http}`,
      '127.0.0.1:3000': `127.0.0.1:${latchkey}`,
      '/etc/haproxy/login.example.org.pem': write('site.pem', pair.certificate + pair.key),
      'log /dev/log local0': 'log stdout format raw local0',
      // It already runs as a user without privileges.
      '  chroot /var/lib/haproxy\n  user haproxy\n  group haproxy\n': '',
    }),
  );
  return { stop, readLog: output };
}

/** What the Compose file passes to the proxy, with the names that Docker would resolve filled in. */
function proxyEnvironment(latchkey: number): Readonly<Record<string, string>> {
  const [, proxy = ''] = /^ {2}proxy:\n((?: {4}.*\n)+)/m.exec(readDocument('deploy/compose.yaml')) ?? [];
  assert.match(proxy, /volumes: \["\.\/caddy\/Caddyfile:\/etc\/caddy\/Caddyfile:ro"/);
  assert.doesNotMatch(proxy, /command:/);
  const given = [...proxy.matchAll(/^ {6}(LATCHKEY_\w+): (.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    filled(
      value,
      value.includes('$') ? { [`\${LATCHKEY_DOMAIN}`]: SITE } : { 'latchkey:3000': `127.0.0.1:${latchkey}` },
    ),
  ]);
  return Object.fromEntries(given);
}

/** Every documented proxy that is available, with exactly the documented configuration. */
const PROXIES = [
  { name: 'nginx', start: startShippedNginx },
  { name: 'HAProxy', start: startShippedHaproxy },
  { name: 'Caddy', start: (ports: Ports, pair: Pair) => startShippedCaddy(ports, pair, {}) },
  {
    name: 'Caddy in the Compose file',
    start: (ports: Ports, pair: Pair) => startShippedCaddy(ports, pair, proxyEnvironment(ports.latchkey)),
  },
];

for (const { name, start } of PROXIES) {
  describe(`Latchkey behind ${name}`, () => {
    const behind = async (running: AsyncDisposableStack) => {
      const server = running.use(
        await startHttpServer({ baseUrl: `https://${SITE}`, trustedProxies: '127.0.0.1' }),
      );
      const pair = await newPair([SITE]);
      const ports = { https: await freePort(), http: await freePort(), latchkey: server.port };
      const proxy = await start(ports, pair);
      running.defer(proxy.stop);
      const visit = fetchThrough({ port: ports.https, authority: pair.certificate, from: VISITOR });
      return { server, ports, proxy, visit, visitor: createVisitor(visit, `https://${SITE}`) };
    };

    it('takes a visitor from registration to the dashboard, and records the visitor’s own address', async () => {
      await using running = new AsyncDisposableStack();
      const { server, visitor } = await behind(running);
      assert.equal((await visitor.register(ADA.username, ADA.password)).location, '/login');
      assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
      assert.match((await visitor.get('/dashboard')).body, /Welcome to your dashboard!/);
      assert.ok([...visitor.cookies.keys()].every((cookie) => cookie.startsWith('__Host-')));
      assert.deepEqual(addressesIn(server), [VISITOR]);
    });

    it('A08: records the real address of a client, whatever its headers claim', async () => {
      await using running = new AsyncDisposableStack();
      const { server, visitor } = await behind(running);
      const claims: readonly HeaderFields[] = [
        { 'x-forwarded-for': '6.6.6.6' },
        { 'x-forwarded-for': '6.6.6.6, 127.0.0.1' },
        { forwarded: 'for=6.6.6.6' },
        { forwarded: 'for="', 'x-forwarded-for': '127.0.0.1' },
        { 'x-real-ip': '6.6.6.6', 'cf-connecting-ip': '6.6.6.6', 'true-client-ip': '6.6.6.6' },
      ];
      for (const claim of claims) {
        const refused = await visitor.post('/login', { csrf: 'x' }, claim);
        assert.equal(refused.status, 403);
        assert.equal(addressOf(server.system.events.at(-1)), VISITOR, JSON.stringify(claim));
      }
    });

    it('I17: records the address of a client that sends Forwarded, which the proxy does not write', async () => {
      await using running = new AsyncDisposableStack();
      const { server, visitor } = await behind(running);
      await visitor.get('/login', { forwarded: 'for=5.5.5.5' });
      await visitor.post('/login', { csrf: 'x' }, { forwarded: 'for=5.5.5.5' });
      assert.equal(addressOf(server.system.events.at(-1)), VISITOR);
    });

    it('I19: logs neither the tokens of links nor the codes of a provider, also while Latchkey is down', async () => {
      await using running = new AsyncDisposableStack();
      const { server, ports, proxy, visitor } = await behind(running);
      const secret = 'x'.repeat(43);
      const open = async () => {
        await visitor.get(`/reset-password?token=${secret}`, {
          referer: `https://${SITE}/not-me?token=${secret}`,
        });
        return await visitor.get(`/oauth/acme/callback?code=${secret}&state=${secret}`);
      };
      const { statuses, text } = await sendRaw(
        ports.http,
        `GET /reset-password?token=${secret} HTTP/1.1\r\nHost: ${SITE}\r\nConnection: close\r\n\r\n`,
      );
      assert.deepEqual([statuses, text.includes(secret)], [[308], true]);
      assert.equal((await open()).status, 404);
      await server[Symbol.asyncDispose]();
      // Which of the two depends on whether a health check has failed before.
      assert.ok([502, 503].includes((await open()).status));
      await until('both are logged', () => proxy.readLog().split('/oauth/acme/callback').length > 2);
      assert.match(proxy.readLog(), /\/reset-password/);
      assert.doesNotMatch(proxy.readLog(), new RegExp(secret));
    });

    it('A28: links to no other host, whatever the headers claim', async () => {
      await using running = new AsyncDisposableStack();
      const { visitor, visit } = await behind(running);
      const claims = {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'ftp',
        'x-original-host': 'evil.example',
      };
      const away = await visitor.get('/dashboard', claims);
      assert.deepEqual([away.status, away.location], [303, '/login?next=%2Fdashboard']);
      const elsewhere = await visit(
        new Request(`https://${SITE}/login`, { headers: { host: 'evil.example' } }),
      );
      assert.notEqual(elsewhere.status, 500);
      assert.doesNotMatch(await elsewhere.text(), /Sign in/);
    });

    it('redirects http to https on the same host name', async () => {
      await using running = new AsyncDisposableStack();
      const { ports } = await behind(running);
      const { statuses, text } = await sendRaw(
        ports.http,
        `GET /login?a=b HTTP/1.1\r\nHost: ${SITE}\r\nConnection: close\r\n\r\n`,
      );
      assert.deepEqual(statuses, [308]);
      assert.match(text, new RegExp(`^location: https://${SITE}(:${ports.https})?/login\\?a=b\r$`, 'im'));
    });

    it('A55: refuses a body that is too large, and a second spelling of a path', async () => {
      await using running = new AsyncDisposableStack();
      const { visit } = await behind(running);
      const form = {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      };
      const large = new Request(`https://${SITE}/login`, {
        method: 'POST',
        headers: form,
        body: 'x'.repeat(100_000),
      });
      assert.equal((await visit(large)).status, 413);
      assert.equal((await visit(new Request(`https://${SITE}/%6cogin`))).status, 404);
    });
  });
}

function addressesIn({ system }: HttpServer): readonly string[] {
  return [...new Set(system.events.map((event) => String(addressOf(event))))];
}
