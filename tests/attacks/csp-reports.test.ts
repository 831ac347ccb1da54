import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSystem, type TestSystem } from '../kit/system.ts';

const MINUTE = 60_000;
const ORIGIN = 'http://localhost:3000';
const REPORT = JSON.stringify({
  'csp-report': {
    'document-uri': `${ORIGIN}/login?next=hunter2`,
    'effective-directive': 'script-src-elem',
    'blocked-uri': 'inline',
    'script-sample': 'hunter2',
  },
});

/** Sends a report as a browser does: from any page, without a cookie or form token. */
function report(
  system: TestSystem,
  body: NonNullable<RequestInit['body']>,
  type = 'application/csp-report',
): Promise<Response> {
  const init = { method: 'POST', body, headers: { 'content-type': type, 'sec-fetch-site': 'cross-site' } };
  return system.fetch(new Request(`${ORIGIN}/csp-reports`, init));
}

function reported({ logLines }: TestSystem) {
  return logLines.map((line) => JSON.parse(line)).filter(({ event }) => event !== 'audit-head');
}

describe('reports of Content-Security-Policy violations', () => {
  it('are requested and accepted only when the operator enables them', async () => {
    await using off = await startSystem();
    assert.equal((await report(off, REPORT)).status, 404);
    const page = await off.visitor().get('/login');
    assert.doesNotMatch(String(page.headers.get('content-security-policy')), /report/);
    assert.equal(page.headers.get('reporting-endpoints'), null);

    await using on = await startSystem({ cspReports: 'on' });
    const { headers } = await on.visitor().get('/login');
    assert.match(
      String(headers.get('content-security-policy')),
      /; frame-ancestors 'none'; report-uri \/csp-reports$/,
    );
    assert.equal(headers.get('reporting-endpoints'), null, 'browsers know the Reporting API on https alone');
    const answer = await report(on, REPORT);
    assert.deepEqual([answer.status, await answer.text()], [204, '']);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.deepEqual(answer.headers.getSetCookie(), []);
  });

  it('A56: are logged as one line each, without anything that a user typed', async () => {
    await using system = await startSystem({ cspReports: 'on' });
    await report(system, REPORT);
    const [line, ...more] = reported(system);
    assert.deepEqual(more, []);
    assert.deepEqual(
      { ...line, time: null },
      {
        level: 'warn',
        time: null,
        event: 'csp-violation',
        directive: 'script-src-elem',
        page: '/login',
        blocked: 'inline',
        source: null,
        line: null,
      },
    );
    assert.doesNotMatch(system.logLines.join(''), /hunter2/);
  });

  it('A55: are limited in a flood to twenty log lines a minute, and one line counts the omitted reports', async () => {
    await using system = await startSystem({ cspReports: 'on' });
    for (let sent = 0; sent < 100; sent += 1) assert.equal((await report(system, REPORT)).status, 204);
    assert.equal(reported(system).length, 20);
    system.clock.advance(MINUTE);
    await report(system, REPORT);
    const [leftOut, again, ...more] = reported(system).slice(20);
    assert.deepEqual(more, []);
    assert.deepEqual([leftOut.event, leftOut.count], ['csp-violations-left-out', 80]);
    assert.equal(again.event, 'csp-violation');
  });

  it('A55: are refused and not logged when they are too large, of another type or not JSON', async () => {
    await using system = await startSystem({ cspReports: 'on' });
    const large = JSON.stringify({ filler: 'x'.repeat(8 * 1_024) });
    const unannounced = new Blob([large]).stream();
    const deep = '['.repeat(8_000);
    const refused = [
      [await report(system, large), 413],
      [await report(system, '{}', 'application/json'), 415],
      [await report(system, 'csrf=x', 'application/x-www-form-urlencoded'), 415],
      [await report(system, '{"csp-report":'), 400],
      [await report(system, deep), 400],
      [await report(system, new Uint8Array([0x22, 0xff, 0x22])), 400],
      [await report(system, 'null'), 204],
    ] as const;
    for (const [{ status }, expected] of refused) assert.equal(status, expected);
    const streamed = new Request(`${ORIGIN}/csp-reports`, {
      method: 'POST',
      body: unannounced,
      duplex: 'half',
      headers: { 'content-type': 'application/csp-report' },
    });
    assert.equal((await system.fetch(streamed)).status, 413);
    assert.equal((await system.visitor().get('/csp-reports')).status, 405);
    assert.deepEqual(reported(system), []);
  });
});
