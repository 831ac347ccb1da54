import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { outboxOf } from '../../../tests/kit/mail.ts';
import { mailsOf } from '../../../tests/kit/mailed-links.ts';
import { runCommands } from '../../../tests/kit/processes.ts';
import { SECRET_KEY, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { ADA, BEN } from '../../../tests/kit/visitor.ts';
import { DAY, HOUR } from '../../platform/runtime/clock.ts';

const BASE_URL = 'https://login.example.org';
const INVITE = { registration: 'invite', baseUrl: BASE_URL } as const;

/** Runs commands on the database of a system that keeps running. */
async function run(
  { databaseUrl }: TestSystem,
  lines: readonly (readonly string[])[],
  environment: Readonly<Record<string, string>> = {},
) {
  using folder = temporaryFolder();
  const settings = {
    DATABASE_URL: databaseUrl,
    BASE_URL,
    SECRET_KEY,
    REGISTRATION: 'invite',
    ...environment,
  };
  return await runCommands(folder.path, lines, settings);
}

/** The command line uses the machine’s clock, so the rows get the time of the system’s clock. */
function toTheTimeOf(system: TestSystem, moment: string): void {
  system.clock.advance(Date.parse(moment) - system.clock.read());
}

describe('latchkey invite', () => {
  it('prints help for itself and for each of its subcommands', async () => {
    using folder = temporaryFolder();
    const verbs = ['create', 'list', 'revoke'];
    const lines = [['invite', '--help'], ...verbs.map((verb) => ['invite', verb, '--help'])];
    const [overview, ...explanations] = await runCommands(folder.path, lines);
    const listed = overview?.stdout.matchAll(/^ {2}([a-z-]+) +[A-Z].*\.$/gm) ?? [];
    assert.deepEqual(
      [...listed].map(([, verb]) => verb),
      verbs,
    );
    for (const [position, { status, stdout }] of explanations.entries()) {
      assert.equal(status, 0);
      assert.ok(stdout.startsWith(`Usage: latchkey invite ${verbs[position]} [options]`), stdout);
    }
  });

  it('explains invalid arguments in one line', async () => {
    using folder = temporaryFolder();
    const attempts = [
      [['invite'], 64, /^Say what to do\. See: latchkey invite --help\n$/],
      [
        ['invite', 'create', '--email', 'ada'],
        64,
        /^--email takes one address, such as name@example\.org\n$/,
      ],
      [
        ['invite', 'create', '--expires', '1y'],
        64,
        /^--expires takes a time such as 12h or 7d, from 1m to 90d\n$/,
      ],
      [['invite', 'create', 'ada'], 64, /^Unexpected argument 'ada'/],
      [['invite', 'revoke'], 64, /^latchkey invite revoke takes a ID\./],
      [['invite', 'list'], 1, /^DATABASE_URL: there is no database yet; run: latchkey serve\n$/],
    ] as const;
    const endings = await runCommands(
      folder.path,
      attempts.map(([words]) => words),
    );
    for (const [position, { status, stdout, stderr }] of endings.entries()) {
      assert.deepEqual([status, stdout], [attempts[position]?.[1], ''], stderr);
      assert.match(stderr, attempts[position]?.[2] ?? /^$/);
    }
  });

  it('creates no invitation while registration is closed', async () => {
    await using system = await startSystem(INVITE);
    const [ending] = await run(system, [['invite', 'create']], { REGISTRATION: 'closed' });
    assert.deepEqual([ending?.status, ending?.stdout], [1, '']);
    assert.match(String(ending?.stderr), /^REGISTRATION is closed, .+\n$/);
  });
});

onEveryDatabase('latchkey invite', (engine) => {
  it('creates a link on the configured base URL, which registers one user', async () => {
    await using system = await startSystem(INVITE, engine);
    const [made, listed] = await run(system, [
      ['invite', 'create'],
      ['invite', 'list'],
    ]);
    const [link = '', details, revocation] = String(made?.stdout).split('\n');
    assert.match(link, /^https:\/\/login\.example\.org\/register\?token=[\w-]{43}$/);
    assert.match(String(details), /^For any address, once, until .+Z\.$/);
    const id = /^To take it back: latchkey invite revoke ([0-9a-f]{16})$/.exec(String(revocation))?.[1];
    assert.match(String(listed?.stdout), new RegExp(`^${id} {2}any address {2}until .+Z\\n$`));
    const token = String(new URL(link).searchParams.get('token'));
    assert.ok(!`${made?.stderr}${listed?.stdout}`.includes(token), 'it is shown once');
    assert.match(String(made?.stderr), new RegExp(`"invitation-created","invitationId":"${id}"`));
    const ada = system.visitor();
    assert.match(String((await ada.get(link)).location), /^\/register\?flow=/);
    assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
    const [empty] = await run(system, [['invite', 'list']]);
    assert.equal(empty?.stdout, '');
  });

  it('mails the link to the invited address with --send', async () => {
    await using system = await startSystem({ registration: 'invite' }, engine);
    const [made, without] = await run(
      system,
      [
        ['invite', 'create', '--email', 'ada@example.org', '--send'],
        ['invite', 'create', '--send'],
      ],
      { BASE_URL: system.origin },
    );
    assert.match(String(made?.stdout), /A mail to ada@example\.org waits for the server to send it\./);
    assert.deepEqual([without?.status, without?.stdout], [64, '']);
    const [mail] = await mailsOf(system, 'invitation');
    assert.deepEqual([mail?.to, (await outboxOf(system)).length], ['ada@example.org', 1]);
    const [link = ''] = String(made?.stdout).split('\n');
    assert.ok(mail?.text.includes(link));
    const ada = system.visitor();
    await ada.get(link.slice(system.origin.length));
    assert.equal((await ada.register(ADA.username, ADA.password, 'ada@example.org')).status, 303);
    const [refused] = await run(system, [['invite', 'create', '--email', 'ben@example.org', '--send']]);
    assert.deepEqual([refused?.status, refused?.stdout], [1, ''], 'by https:, with no mail server');
    assert.match(String(refused?.stderr), /No mail can be sent/);
  });

  it('prints invitations as JSON, and applies --expires, --email and --allow-reserved', async () => {
    await using system = await startSystem(INVITE, engine);
    const [made, listed] = await run(system, [
      ['invite', 'create', '--email', 'Ada@Example.org', '--expires', '2h', '--allow-reserved', '--json'],
      ['invite', 'list', '--json'],
    ]);
    const { id, link, expiresAt, ...invitation } = JSON.parse(String(made?.stdout));
    assert.deepEqual(invitation, { email: 'Ada@example.org', allowsReserved: true });
    const [{ createdAt, ...row }] = JSON.parse(String(listed?.stdout));
    assert.deepEqual(row, { id, ...invitation, expiresAt });
    assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 2 * HOUR);
    toTheTimeOf(system, expiresAt);
    system.clock.advance(-1);
    const ada = system.visitor();
    await ada.get(link);
    assert.equal((await ada.register('root', ADA.password, 'ada@example.org')).status, 303);
    const [second] = await run(system, [['invite', 'create', '--expires', '2h', '--json']]);
    const unused = JSON.parse(String(second?.stdout));
    toTheTimeOf(system, unused.expiresAt);
    const late = system.visitor();
    await late.get(unused.link);
    assert.equal((await late.get('/register')).status, 403);
  });

  it('revokes the named invitation once', async () => {
    await using system = await startSystem(INVITE, engine);
    const create = ['invite', 'create', '--json'];
    const [first, second] = (await run(system, [create, create])).map(({ stdout }) => JSON.parse(stdout));
    const [listed] = await run(system, [['invite', 'list', '--json']]);
    for (const { createdAt, expiresAt } of JSON.parse(String(listed?.stdout)))
      assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7 * DAY, 'a week, where nothing is said');
    const [revoked, again, unknown] = await run(system, [
      ['invite', 'revoke', first.id, '--json'],
      ['invite', 'revoke', first.id],
      ['invite', 'revoke', 'nothing\u001b[31m'],
    ]);
    assert.deepEqual(JSON.parse(String(revoked?.stdout)), { id: first.id, revoked: true });
    for (const ending of [again, unknown]) {
      assert.deepEqual([ending?.status, ending?.stdout], [1, '']);
      assert.match(
        String(ending?.stderr),
        /^There is no invitation “.+”; it may have been used, or have run out\n$/,
      );
    }
    const [ada, ben] = [system.visitor(), system.visitor()];
    await ada.get(first.link);
    assert.equal((await ada.get('/register')).status, 403);
    await ben.get(second.link);
    assert.equal((await ben.register(BEN.username, BEN.password)).status, 303);
  });
});
