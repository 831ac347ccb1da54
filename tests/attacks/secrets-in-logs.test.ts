import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { reachInside, SECRET_KEY, settleAudit, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, signInOn, WRONG_PASSWORD } from '../kit/visitor.ts';

/** The complete journey, with all values that must not be found later. */
async function wholeWay(system: TestSystem): Promise<readonly string[]> {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password, 'ada@example.org');
  await ada.signIn(ADA.username, WRONG_PASSWORD);
  const visitor = String(ada.cookies.get('latchkey-visitor'));
  const formToken = await ada.token('/login');
  await ada.signIn('ada@example.org', ADA.password);
  const session = String(ada.cookies.get('latchkey'));
  const sessionFormToken = await ada.token('/dashboard');
  await ada.post('/logout', { csrf: 'forged' });
  await ada.get('/api/session');
  return [ADA.password, WRONG_PASSWORD, visitor, formToken, session, sessionFormToken, SECRET_KEY];
}

function canariesIn(text: string, canaries: readonly string[]): readonly string[] {
  return canaries.filter((canary) => text.includes(canary) || text.includes(encodeURIComponent(canary)));
}

describe('the system', () => {
  it('A56: writes no password, token, cookie or secret to its log', async () => {
    await using system = await startSystem({ logLevel: 'debug' });
    const canaries = await wholeWay(system);
    assert.deepEqual(canariesIn(system.logLines.join(''), canaries), []);
  });

  it('A56: writes no password, token, cookie or secret to the files of the database, including the write-ahead log', async () => {
    await using system = await startSystem();
    const canaries = await wholeWay(system);
    const folder = dirname(system.databaseUrl.slice('sqlite:'.length));
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    assert.ok(
      files.some((content) => content.includes('ada@example.org')),
      'these are the files',
    );
    for (const content of files) assert.deepEqual(canariesIn(content, canaries), []);
  });

  it('A56: writes no secret and no typed text to the audit log, and keeps the user agent as it came', async () => {
    await using system = await startSystem();
    const evil = 'mallory\r\n{"event":"signed-in"}\u2028\u001b[31m';
    await system.visitor().signIn(evil, WRONG_PASSWORD);
    await system.visitor().post('/login', { csrf: 'forged' }, { 'user-agent': 'x\u0085\u009b31m' });
    const canaries = await wholeWay(system);
    await settleAudit(system);
    const { queries } = reachInside(system, 'no page shows the audit log as it is stored').core.database;
    const rows = await queries.selectFrom('audit_events').selectAll().execute();
    assert.deepEqual(
      rows.map(({ type }) => type),
      system.events.map(({ type }) => type),
      'each event is a record, in order',
    );
    const written = JSON.stringify(rows);
    assert.deepEqual(canariesIn(written, canaries), []);
    assert.doesNotMatch(written, /mallory|Ada|ada@example/);
    assert.equal(rows[1]?.user_agent, 'x\u0085\u009b31m');
  });

  it('A56: logs each event as one JSON line with time, address and request id, whatever the client sent', async () => {
    await using system = await startSystem();
    const evil = 'mallory\r\n{"level":30,"event":"signed-in"}\u2028\u001b[31m';
    await system.visitor().signIn(evil, WRONG_PASSWORD);
    await system.visitor().get('/login', { 'user-agent': 'x\u00a0{"event":"signed-in"}' });
    await wholeWay(system);
    const lines = system.logLines.map((line) => JSON.parse(line));
    for (const line of system.logLines) assert.match(line, /^\{.*\}\n$/);
    const events = lines.map(({ event }) => event);
    const afterStart = events.filter((event) => event !== 'schema-migrated' && event !== 'audit-head');
    assert.deepEqual(afterStart, [
      'sign-in-refused',
      'registered',
      'sign-in-refused',
      'signed-in',
      'request-refused',
    ]);
    assert.doesNotMatch(system.logLines.join(''), /mallory|Ada|ada@example/);
    for (const { requestId, address } of lines.slice(-afterStart.length)) {
      assert.match(requestId, /^[0-9a-f-]{36}$/);
      assert.equal(address, 'unknown', 'in a test nobody tells');
    }
    for (const { time } of lines) assert.equal(time, new Date(system.clock.read()).toISOString());
  });

  it('A56: writes no browser’s name to its log, because a client may make it up', async () => {
    await using system = await startSystem({ logLevel: 'debug' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInOn(ada, ADA, { userAgent: 'a name made up' });
    assert.match(system.logLines.join(''), /"event":"signed-in"/);
    assert.doesNotMatch(system.logLines.join(''), /a name made up/);
  });

  it('A56: logs an internal error with its request id, but without what the user typed', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const csrf = await visitor.token('/register');
    const { queries } = reachInside(system, 'no public function deletes a table').core.database;
    await queries.schema.dropTable('sessions').execute();
    await queries.schema.dropTable('passwords').execute();
    const answer = await visitor.post('/register', { csrf, ...ADA });
    assert.equal(answer.status, 500);
    const line = JSON.parse(String(system.logLines.at(-1)));
    assert.equal(line.event, 'internal-error');
    assert.match(answer.body, new RegExp(line.requestId));
    assert.doesNotMatch(answer.body, /SQL|table|stack|passwords\b.*insert/i);
    assert.deepEqual(canariesIn(system.logLines.join(''), [ADA.password, csrf]), []);
  });
});
