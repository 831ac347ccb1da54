import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ORIGIN } from '../../tests/kit/audit.ts';
import { onEveryDatabase } from '../../tests/kit/databases.ts';
import { accountId } from '../../tests/kit/ids.ts';
import { COMMAND, runCommandsOn, startProgram } from '../../tests/kit/processes.ts';
import {
  existingAccountId,
  reachInside,
  SECRET_KEY,
  settleAudit,
  startSystem,
  type TestSystem,
  usersOf,
} from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';
import { ADA, BEN, WRONG_PASSWORD } from '../../tests/kit/visitor.ts';
import { events as authEvents } from '../auth/definitions.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import { events as registrationEvents } from '../features/registration/index.ts';
import { webEvents } from '../platform/web/index.ts';

function run(system: TestSystem, lines: readonly string[]) {
  return runCommandsOn(
    system,
    lines.map((line) => line.split(' ')),
  );
}

/** Ada and Ben register; Ada is refused once and then signs in. */
async function livedIn(system: TestSystem): Promise<AccountId> {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await system.visitor().register(BEN.username, BEN.password);
  await ada.signIn(ADA.username, WRONG_PASSWORD);
  await ada.signIn(ADA.username, ADA.password);
  await settleAudit(system);
  return existingAccountId(system, ADA.username);
}

onEveryDatabase('latchkey audit', (engine) => {
  it('shows the newest records of all accounts or of one, as text and as JSON', async () => {
    await using system = await startSystem({}, engine);
    const id = await livedIn(system);
    const lines = [
      'audit tail',
      'audit tail -n 1',
      'audit tail --account ada',
      `audit tail --json --account ${id}`,
    ];
    const endings = await run(system, lines);
    for (const { status, stderr } of endings) assert.deepEqual([status, stderr], [0, '']);
    const [all = '', one = '', ofAda = '', forScripts = ''] = endings.map(({ stdout }) => stdout);
    const time = '2026-01-01T12:00:00.000Z';
    assert.equal(
      all,
      [
        `1  ${time}  success  Ada  Account created  from unknown`,
        `2  ${time}  success  Ben  Account created  from unknown`,
        `3  ${time}  failure  Ada  Sign-in refused: wrong password  from unknown`,
        `4  ${time}  success  Ada  Signed in with a password  from unknown`,
        '',
      ].join('\n'),
    );
    assert.match(one, /^4 .*\n$/);
    assert.equal(ofAda, all.replace(/^2.*\n/m, ''));
    const records = forScripts
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      records.map(({ type }) => type),
      ['registered', 'sign-in-refused', 'signed-in'],
    );
    assert.deepEqual([records[1].accountId, records[1].details], [id, { reason: 'wrong-credential' }]);
  });

  it('names the user who made a change through the application', async () => {
    await using system = await startSystem({}, engine);
    const id = await livedIn(system);
    const users = usersOf(system);
    const morgan = await users.create({ username: 'Morgan', by: 'set-up' });
    assert.ok(morgan.ok);
    await users.disable(id, { by: morgan.user.id });
    await settleAudit(system);
    const [text, json] = await run(system, ['audit tail -n 1', 'audit tail -n 1 --json']);
    assert.match(
      String(text?.stdout),
      / Ada {2}Account disabled by the operator {2}by Morgan, application\n$/,
    );
    const { by, work, details } = JSON.parse(String(json?.stdout));
    assert.deepEqual([by, work, details], [morgan.user.id, 'application', {}]);
  });

  it('records what the command line does, and still shows the records of a deleted account by its id', async () => {
    await using system = await startSystem({}, engine);
    const id = await livedIn(system);
    const lines = [
      'user delete Ada --yes',
      'audit verify',
      `audit tail --account ${id} -n 1`,
      'audit tail --account Ada',
    ];
    const [, verified, deleted, unknown] = await run(system, lines);
    assert.match(String(verified?.stdout), /^Intact: 5 records\.\nHead {4}5:[0-9a-f]{64}\n$/);
    assert.match(
      String(deleted?.stdout),
      new RegExp(`^5 .* ${id}  Account deleted  by command line( \\(.+\\))?, user delete\n$`),
    );
    assert.deepEqual([unknown?.status, unknown?.stdout], [1, '']);
    assert.match(
      String(unknown?.stderr),
      /^There is no account “Ada”; one that was deleted has its id only\n$/,
    );
  });

  it('verifies the records, and reports the result in its output and its exit status', async () => {
    await using system = await startSystem({}, engine);
    await livedIn(system);
    const [before] = await run(system, ['audit verify --json']);
    const { intact, records, head, fault } = JSON.parse(String(before?.stdout));
    assert.deepEqual([before?.status, intact, records, fault], [0, true, 4, null]);
    const { queries } = reachInside(system, 'an attacker changes a record in the database').core.database;
    await queries.updateTable('audit_events').set({ outcome: 'success' }).where('sequence', '=', 3).execute();
    const lines = [
      'audit verify',
      'audit verify --json',
      `audit verify --expect ${head}`,
      'audit verify --expect 4',
    ];
    const [text, scripts, expecting, senseless] = await run(system, lines);
    assert.deepEqual([text?.status, scripts?.status, expecting?.status, senseless?.status], [1, 1, 1, 64]);
    assert.match(String(text?.stdout), /^Broken at record 3: record 3 was changed after it was written, /);
    assert.deepEqual(JSON.parse(String(scripts?.stdout)).fault.sequence, 3);
    await queries.updateTable('audit_events').set({ outcome: 'failure' }).where('sequence', '=', 3).execute();
    const [verified] = await run(system, [`audit verify --expect ${head}`]);
    assert.equal(verified?.status, 0);
  });
});

describe('latchkey audit tail', () => {
  it('with --follow prints new records, and with --account only those about that account', async () => {
    await using system = await startSystem();
    const id = await livedIn(system);
    using folder = temporaryFolder();
    const { storage } = reachInside(system, 'no request causes exactly these events');
    const words = [COMMAND, 'audit', 'tail', '--follow', '-n', '1', '--account', 'Ada'];
    const environment = { DATABASE_URL: system.databaseUrl, SECRET_KEY };
    await using following = startProgram(words, { folder: folder.path, environment });
    await following.says('4  2026');
    storage.announce(webEvents.requestRefused, { reason: 'cross-site' }, ORIGIN);
    storage.announce(authEvents.accountDisabled, { accountId: id }, { work: 'a test' });
    await settleAudit(system);
    await following.says('6  2026');
    following.send('SIGTERM');
    const { stdout } = await following.ended;
    assert.match(stdout, /^4 .*\n6 .* {2}Ada {2}Account disabled by the operator {2}by a test\n$/);
  });

  it('A56: escapes control characters that a browser put into its user agent', async () => {
    await using system = await startSystem();
    const { storage } = reachInside(system, 'HTTP allows no such user agent');
    const evil = 'a\r\nb\u001b[31m\u009b2J\u2028\u202e\\u001b[31m';
    storage.announce(webEvents.requestRefused, { reason: 'cross-site' }, { ...ORIGIN, userAgent: evil });
    storage.announce(
      registrationEvents.registered,
      { accountId: accountId('00000000-0000-7000-8000-000000000000') },
      { work: evil },
    );
    await settleAudit(system);
    for (const { stdout } of await run(system, ['audit tail', 'audit tail --json'])) {
      assert.equal(stdout.split('\n').length, 3, stdout);
      assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.match(stdout, /\\u001b\[31m/);
    }
  });

  it('exits with 64 on invalid arguments and explains them', async () => {
    await using system = await startSystem();
    const endings = await run(system, [
      'audit',
      'audit tail -n some',
      'audit tail --lines=',
      'audit verify now',
    ]);
    assert.deepEqual(
      endings.map(({ status }) => status),
      [64, 64, 64, 64],
    );
    assert.match(String(endings[1]?.stderr), /^--lines takes a whole number up to 100000, such as -n 50\n$/);
  });
});
