import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simpleParser } from 'mailparser';
import { outboxOf, queueNotices } from '../../../tests/kit/mail.ts';
import { reachInside, startSystem, type TestOptions, type TestSystem } from '../../../tests/kit/system.ts';

/** Asks from an address, by way of a proxy or not. */
function ask(system: TestSystem, path: string, from = '127.0.0.1', headers = {}) {
  return system.visitorFrom(from).get(path, headers);
}

async function oneMail(options: TestOptions = {}) {
  const system = await startSystem(options);
  await queueNotices(system);
  const [row] = await outboxOf(system);
  const hex = Buffer.from(row?.id ?? []).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { system, id, [Symbol.asyncDispose]: system[Symbol.asyncDispose] };
}

describe('the development mailbox', () => {
  it('shows each mail as HTML, as text and as its source, with working links', async () => {
    await using found = await oneMail();
    const { system, id } = found;
    const list = await ask(system, '/dev/mailbox');
    assert.equal(list.status, 200);
    assert.ok(list.body.includes(`/dev/mailbox/mail?id=${id}`));
    assert.equal(list.headers.get('refresh'), '5', 'it is live, without a script');
    const { body } = await ask(system, `/dev/mailbox/mail?id=${id}`);
    assert.match(body, /person\.0@example\.org/);
    assert.match(body, /<a href="http:\/\/localhost:3000\/forgot-password" target="_blank"/);
    const html = await ask(system, `/dev/mailbox/html?id=${id}`);
    assert.match(html.body, /<base target="_blank">/);
    const source = await ask(system, `/dev/mailbox/source?id=${id}`);
    const parsed = await simpleParser(source.body);
    assert.equal(parsed.messageId, `<${id}@localhost>`);
    assert.match(String(parsed.text), /password of your account/);
    assert.equal((await ask(system, '/dev/mailbox', '::1')).status, 200);
  });

  it('A43: serves a mail that runs nothing, loads nothing and is framed by this site alone', async () => {
    await using found = await oneMail();
    const { system, id } = found;
    const policy = async (path: string) =>
      (await ask(system, path)).headers.get('content-security-policy') ?? '';
    const own = await policy(`/dev/mailbox/html?id=${id}`);
    assert.match(own, /default-src 'none'.*frame-ancestors 'self'.*sandbox/);
    assert.doesNotMatch(own, /script-src|allow-scripts|allow-same-origin|allow-forms/);
    const fixed = await policy('/login');
    assert.equal(await policy('/dev/mailbox'), fixed);
    assert.equal(await policy(`/dev/mailbox/mail?id=${id}`), `${fixed}; frame-src 'self'`);
  });

  it('answers this machine alone, whatever a proxy says', async () => {
    await using found = await oneMail({ trustedProxies: '10.0.0.0/8, loopback' });
    const { system, id } = found;
    const paths = ['', `/mail?id=${id}`, `/html?id=${id}`, `/source?id=${id}`].map(
      (end) => `/dev/mailbox${end}`,
    );
    for (const path of paths) {
      assert.equal((await ask(system, path)).status, 200, path);
      for (const [from, headers] of [
        ['192.0.2.7', {}],
        ['10.0.0.5', { 'x-forwarded-for': '127.0.0.1' }],
        ['127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }],
        ['', {}],
      ] as const) {
        assert.equal((await ask(system, path, from, headers)).status, 404, `${path} from ${from}`);
      }
      assert.equal((await system.visitor().get(path)).status, 404, 'nobody tells from where');
    }
  });

  it('does not exist on https or where mail is sent', async () => {
    for (const options of [
      { baseUrl: 'https://localhost:3000' },
      { smtpUrl: 'smtp://127.0.0.1', mailFrom: 'login@example.org' },
    ]) {
      await using system = await startSystem(options);
      assert.equal((await ask(system, '/dev/mailbox')).status, 404);
      const { features } = reachInside(system, 'a route that answers 404 looks like no route');
      assert.ok(!features.some(({ routes }) => routes.some(({ path }) => path.startsWith('/dev'))));
    }
  });

  it('answers 404 for an unknown mail', async () => {
    await using found = await oneMail();
    for (const id of ['', 'x', '00000000-0000-7000-8000-000000000000'])
      assert.equal((await ask(found.system, `/dev/mailbox/mail?id=${id}`)).status, 404);
  });
});
