import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandLineActor } from '../src/cli/context.ts';
import { DAY } from '../src/platform/runtime/clock.ts';
import { createTokenOn, isAdmitted, WITH_TOKENS } from './kit/api-tokens.ts';
import { mailsOf, openAndReset, RESET } from './kit/mailed-links.ts';
import { recorded, runCommandsOn } from './kit/processes.ts';
import { accountIdOf, startSystem, type TestSystem } from './kit/system.ts';
import { ADA, BEN, registerAndSignIn } from './kit/visitor.ts';

/** The path of a link, which must be on this site. */
function pathOf(system: TestSystem, link: string): string {
  const { origin, pathname, search } = new URL(link);
  assert.deepEqual([origin, pathname], [system.origin, RESET]);
  return pathname + search;
}

const NEW_PASSWORD = 'four grey herons on a pier';
const WORDS = ['user', 'reset-link', ADA.username];

describe('latchkey user reset-link', () => {
  it('creates a link that sets a new password once, for a user without email', async () => {
    await using system = await startSystem({});
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const [made, again] = await runCommandsOn(system, [[...WORDS, '--json'], WORDS]);
    assert.match(String(again?.stderr), /"event":"password-reset-link-created"/);
    assert.match(
      String(again?.stdout),
      /\nFor Ada alone, once, until .*\. It gives access to the account\.\n$/,
    );
    const { username, link } = JSON.parse(String(made?.stdout));
    assert.equal(username, ADA.username);
    const visitor = system.visitor();
    await visitor.get(pathOf(system, link));
    assert.equal((await visitor.get(RESET)).status, 410, 'the newest alone works');
    const newest = pathOf(system, String(again?.stdout.split('\n')[0]));
    assert.equal((await openAndReset(visitor, newest, NEW_PASSWORD)).status, 303);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await visitor.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    await visitor.get(newest);
    assert.equal((await visitor.get(RESET)).status, 410);
  });

  it('creates a link that expires after a day', async () => {
    await using system = await startSystem({});
    await system.visitor().register(ADA.username, ADA.password);
    const [made] = await runCommandsOn(system, [[...WORDS, '--json']]);
    const path = pathOf(system, JSON.parse(String(made?.stdout)).link);
    // The command uses the clock of this machine.
    system.clock.advance(Date.now() - system.clock.read() + DAY + 1);
    const visitor = system.visitor();
    await visitor.get(path);
    assert.equal((await visitor.get(RESET)).status, 410);
  });

  it('refuses to create a link for a disabled account, and says how to enable it', async () => {
    await using system = await startSystem({});
    await system.visitor().register(ADA.username, ADA.password);
    const id = await accountIdOf(system, ADA.username);
    const [, refused] = await runCommandsOn(system, [['user', 'disable', ADA.username], WORDS]);
    assert.equal(refused?.status, 1);
    assert.equal(refused?.stderr, `Ada is disabled; first: latchkey user enable ${id}\n`);
  });
});

describe('latchkey user with roles', () => {
  const ROLES = { ROLES: 'admin,editor' };

  it('creates users, gives and takes roles, and finds users by them', async () => {
    await using system = await startSystem({ roles: ROLES.ROLES });
    const lines = [
      ['user', 'create', 'Carla', '--email', 'carla@example.org', '--roles', 'editor', '--json'],
      ['user', 'create', 'Dora'],
      ['user', 'roles', 'dora', '--add', 'admin,editor'],
      ['user', 'roles', 'dora', '--remove', 'editor', '--json'],
      ['user', 'list', '--role', 'admin'],
      ['user', 'list', '--search', 'CARLA@', '--json'],
      ['user', 'show', 'Carla'],
      ['user', 'roles', 'Carla', '--set', ''],
      ['user', 'list', '--state', 'disabled'],
    ];
    const endings = await runCommandsOn(system, lines, ROLES);
    for (const { status, stderr } of endings) assert.equal(status, 0, stderr);
    const [carla, dora, added, removed, admins, found, shown, taken, none] = endings.map(
      ({ stdout }) => stdout,
    );
    const { mailed, ...user } = JSON.parse(String(carla));
    assert.deepEqual(
      [user.username, user.emailVerified, user.roles, mailed],
      ['Carla', false, ['editor'], true],
    );
    assert.match(
      String(dora),
      /^Dora is created\.\nFor a link to choose a password: latchkey user reset-link \S{36}\n$/,
    );
    assert.equal(added, 'Dora has admin, editor.\n');
    assert.deepEqual(JSON.parse(String(removed)).roles, ['admin']);
    assert.match(String(admins), /^\S{36} {2}Dora {2}enabled {2}admin\n$/);
    assert.deepEqual(
      JSON.parse(String(found)).map(({ username, roles }: typeof user) => [username, roles]),
      [['Carla', ['editor']]],
    );
    assert.match(String(shown), /^Roles +editor$/m);
    assert.equal(taken, 'Carla has no roles.\n');
    assert.equal(none, '');
    const [record] = recorded(String(endings[3]?.stderr));
    assert.deepEqual(
      [record?.['event'], record?.['removed'], record?.['work'], record?.['by']],
      ['roles-changed', ['editor'], 'user roles', commandLineActor()],
    );
    assert.equal((await mailsOf(system, 'account-created')).length, 1);
  });

  it('says in one line what it cannot do', async () => {
    await using system = await startSystem({});
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    system.clock.advance(1);
    await system.visitor().register(BEN.username, BEN.password);
    const attempts = [
      [['user', 'create', 'ada'], 1, /^This username is already taken/],
      [['user', 'create', 'Support'], 1, /^This username is reserved/],
      [['user', 'create', 'Carla', '--roles', 'owner'], 1, /^There is no such role; ROLES lists /],
      [['user', 'create', 'Carla', '--email-verified'], 64, /^--email-verified needs an address/],
      [['user', 'roles', 'Ada', '--set', 'owner'], 1, /^There is no such role; ROLES has admin, editor\n$/],
      [['user', 'roles', 'Ada', '--set', 'admin', '--add', 'editor'], 64, /^--set goes without /],
      [['user', 'list', '--state', 'gone'], 64, /^--state takes one of active, disabled, leaving\n$/],
    ] as const;
    const endings = await runCommandsOn(
      system,
      attempts.map(([words]) => words),
      ROLES,
    );
    for (const [position, { status, stdout, stderr }] of endings.entries()) {
      const [, expected, message] = attempts[position] ?? [];
      assert.deepEqual([status, stdout], [expected, ''], stderr);
      assert.match(`${stderr.split('\n').find((line) => !line.startsWith('{'))}\n`, message ?? /^$/);
    }
  });
});

describe('latchkey user tokens', () => {
  it('lists the API tokens of a user, and revokes one or all of them', async () => {
    await using system = await startSystem(WITH_TOKENS);
    // The command uses the clock of this machine.
    system.clock.advance(Date.now() - system.clock.read());
    const ada = await registerAndSignIn(system.visitor());
    const [first, second] = [await createTokenOn(ada), await createTokenOn(ada)];
    const words = ['user', 'tokens', ADA.username];
    const [listed] = await runCommandsOn(system, [[...words, '--json']]);
    const [chosen, other] = JSON.parse(String(listed?.stdout));
    assert.deepEqual([chosen.name, chosen.scopes, chosen.lastUsedAt], ['laptop', ['notes:read'], null]);
    const [revoked, again, both, all] = await runCommandsOn(system, [
      [...words, '--revoke', chosen.id],
      [...words, '--revoke', chosen.id],
      [...words, '--revoke', other.id, '--revoke-all'],
      [...words, '--revoke-all'],
    ]);
    assert.match(String(revoked?.stderr), /"event":"api-token-revoked"/);
    assert.match(
      String(revoked?.stdout),
      new RegExp(`^${other.id}  "laptop"  notes:read  until .*  last used never\\n$`),
    );
    assert.deepEqual([again?.status, both?.status], [1, 64]);
    assert.equal(all?.stdout, 'There are no API tokens.\n');
    for (const token of [first, second]) assert.ok(!(await isAdmitted(system, token)));
  });
});
