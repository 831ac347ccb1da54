import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { total } from '../kit/metrics.ts';
import { runCommand, runLatchkey, startServerProcess } from '../kit/processes.ts';
import { freePort, occupy, temporaryFolder } from '../kit/temporary.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

// The minimum that is permitted; a slower hash would only make the tests longer.
const PASSWORD_HASH = 'm=19456,t=2,p=1';

async function startMeasured(folder: string) {
  const metricsPort = await freePort();
  const server = await startServerProcess(folder, { METRICS_PORT: String(metricsPort), PASSWORD_HASH });
  const ask = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${metricsPort}${path}`, { method, headers: { connection: 'close' } });
  return {
    ...server,
    metricsPort,
    ask,
    scrape: async () => (await ask('/metrics')).text(),
  };
}

describe('METRICS_PORT', () => {
  it('serves the outcomes of registrations, sign-ins, requests and session checks', async () => {
    using folder = temporaryFolder();
    await using server = await startMeasured(folder.path);
    const ada = server.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.register('ADA', ADA.password);
    await ada.register('Ben', 'short');
    await server.visitor().signIn(ADA.username, WRONG_PASSWORD);
    await server.visitor().signIn('nobody', WRONG_PASSWORD);
    await ada.signIn(ADA.username, ADA.password);
    await ada.get('/api/session');
    await ada.get('/no/such/page');
    const text = await server.scrape();
    const registrations = (outcome: string) => total(text, 'latchkey_registrations_total', { outcome });
    assert.deepEqual(
      ['registered', 'username-taken', 'invalid-fields', 'email-taken'].map(registrations),
      [1, 1, 1, 0],
    );
    const signIns = (outcome: string) => total(text, 'latchkey_sign_ins_total', { outcome });
    assert.deepEqual(
      ['signed-in', 'wrong-credential', 'unknown-account', 'pepper-lost'].map(signIns),
      [1, 1, 1, 0],
    );
    assert.equal(total(text, 'latchkey_events_total', { type: 'signed-in' }), 1);
    const hashes = (operation: string) =>
      total(text, 'latchkey_password_hash_duration_seconds_count', { operation });
    assert.deepEqual(['hash', 'verify'].map(hashes), [2, 3]);
    const requests = (route: string, method: string, status: string) =>
      total(text, 'latchkey_http_request_duration_seconds_count', { route, method, status });
    assert.equal(requests('/login', 'POST', '4xx'), 2);
    assert.equal(requests('/login', 'POST', '3xx'), 1);
    assert.equal(requests('/api/session', 'GET', '2xx'), 1);
    assert.equal(requests('none', 'GET', '4xx'), 1);
    assert.equal(total(text, 'latchkey_session_checks_total', { outcome: 'current' }), 1);
    assert.equal(total(text, 'latchkey_session_check_duration_seconds_count'), 1, 'the first is timed');
    assert.equal(total(text, 'latchkey_errors_total'), 0);
    assert.equal(total(text, 'latchkey_build_info', { database: 'sqlite' }), 1);
    assert.ok(Number(total(text, 'latchkey_connections')) > 0, 'ours are kept alive');
    assert.ok(Number(total(text, 'process_resident_memory_bytes')) > 0);
  });

  it('answers only at /metrics of its own port, only to GET and HEAD, until the server has stopped', async () => {
    using folder = temporaryFolder();
    await using server = await startMeasured(folder.path);
    const { status, headers } = await server.ask('/metrics');
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal((await server.ask('/metrics?collect=all', 'HEAD')).status, 200);
    assert.equal((await server.ask('/metrics', 'POST')).status, 405);
    for (const path of ['/', '/login', '/healthz', '/metrics/', '//metrics'])
      assert.equal((await server.ask(path)).status, 404, path);
    assert.equal((await server.visitor().get('/metrics')).status, 404);
    // A client that sends no request must not keep the process alive.
    const idle = connect(server.metricsPort, '127.0.0.1');
    await once(idle, 'connect');
    server.program.send('SIGTERM');
    assert.equal((await server.program.ended).status, 0);
    await assert.rejects(server.scrape());
  });

  it('stops the start with one line when it is already in use', async () => {
    using folder = temporaryFolder();
    const taken = await freePort();
    await using _ = await occupy(taken);
    const { status, stderr } = await runCommand(folder.path, ['serve'], {
      PORT: String(await freePort()),
      METRICS_PORT: String(taken),
    });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^METRICS_PORT: ${taken} is already in use on 127\\.0\\.0\\.1; .*\n$`));
  });

  it('does not keep the process alive when PORT is already in use', async () => {
    using folder = temporaryFolder();
    const taken = await freePort();
    await using _ = await occupy(taken);
    const { status, stderr } = await runLatchkey(folder.path, ['serve'], {
      PORT: String(taken),
      METRICS_PORT: String(await freePort()),
    });
    assert.equal(status, 1, 'and the process has ended');
    assert.match(stderr, /^PORT: /);
  });

  it('must differ from the ports of the site', async () => {
    using folder = temporaryFolder();
    const { status, stderr } = await runCommand(folder.path, ['serve'], {
      PORT: '4000',
      METRICS_PORT: '4000',
    });
    assert.equal(status, 78);
    assert.equal(stderr, 'METRICS_PORT: is 4000, which PORT is, too; give another\n');
  });

  it('stops the start with one line when METRICS_HOST is not an address of this machine', async () => {
    using folder = temporaryFolder();
    const { status, stderr } = await runCommand(folder.path, ['serve'], {
      PORT: String(await freePort()),
      METRICS_PORT: String(await freePort()),
      METRICS_HOST: '192.0.2.1',
    });
    assert.equal(status, 78);
    assert.match(stderr, /^METRICS_HOST: 192\.0\.2\.1 is no address of this machine; set METRICS_HOST .*\n$/);
  });
});
