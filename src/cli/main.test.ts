import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { runCommands } from '../../tests/kit/processes.ts';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

/** What each indented line of a help text explains by a sentence: verbs, options, operands. */
function explainedIn(help = ''): readonly string[] {
  const lines = help.match(/^ {2}.*$/gm) ?? [];
  return lines.map((line) => {
    const [, name] = /^ {2}(\S+)(?: VALUE)? +[A-Z].*\.$/.exec(line) ?? [];
    return name ?? assert.fail(`no sentence: ${line}`);
  });
}

describe('the command line', () => {
  it('prints help for itself and for each of its commands on stdout', async () => {
    using folder = temporaryFolder();
    const [version, overview] = await runCommands(folder.path, [['--version'], ['--help']]);
    assert.match(String(version?.stdout), /^\d+\.\d+\.\d+\n$/);
    const verbs = explainedIn(overview?.stdout);
    for (const verb of ['serve', 'dev-cert', 'user', 'invite']) assert.ok(verbs.includes(verb), verb);
    const lines = verbs.map((verb) => [verb, '--help']);
    for (const [position, { status, stdout, stderr }] of (await runCommands(folder.path, lines)).entries()) {
      assert.deepEqual([status, stderr], [0, '']);
      const [usage = '', ...rest] = stdout.split('\n');
      const form = new RegExp(
        `^Usage: latchkey ${verbs[position]} (?:<verb> \\[options\\]|\\[options\\]((?: [[A-Z\\]]+)*))$`,
      );
      const [, operands = ''] = form.exec(usage) ?? assert.fail(usage);
      const explained = explainedIn(rest.join('\n'));
      for (const [operand] of operands.matchAll(/[A-Z]+/g)) assert.ok(explained.includes(operand), stdout);
    }
    assert.deepEqual(readdirSync(folder.path), [], 'asking for help makes no database');
  });

  it('exits with 64 on invalid arguments and suggests valid ones', async () => {
    using folder = temporaryFolder();
    const attempts = [
      [['fly'], /^There is no “fly”\. See: latchkey --help\n$/],
      [['settings', '--jsn'], /^Unknown option '--jsn'.* See: latchkey settings --help\n$/],
      [['migrate', 'now'], /^Unexpected argument 'now'.* See: latchkey migrate --help\n$/],
      [['backup'], /^latchkey backup takes a FILE. See: latchkey backup --help\n$/],
      [['backup', 'one', 'two'], /^Unexpected argument 'two'. See: latchkey backup --help\n$/],
      [
        ['doctor', 'https://one.example', 'two'],
        /^Unexpected argument 'two'. See: latchkey doctor --help\n$/,
      ],
      [['tune', '--under', 'a second'], /^--under takes a number of milliseconds, such as --under 100\n$/],
    ] as const;
    const endings = await runCommands(
      folder.path,
      attempts.map(([words]) => words),
    );
    for (const [position, { status, stdout, stderr }] of endings.entries()) {
      assert.deepEqual([status, stdout], [64, '']);
      assert.match(stderr, attempts[position]?.[1] ?? /^$/);
    }
  });

  it('exits with 78 and one line for each invalid setting', async () => {
    using folder = temporaryFolder();
    const wrong = { PORT: 'eighty', LOG_LEVEL: 'loud' };
    for (const { status, stdout, stderr } of await runCommands(
      folder.path,
      [['settings', '--json'], ['migrate']],
      wrong,
    )) {
      assert.deepEqual([status, stdout], [78, '']);
      assert.match(stderr, /^PORT: "eighty" .*; .*\nLOG_LEVEL: "loud" .*; .*\n$/);
    }
  });

  it('A57: prints settings and migrations as text and as JSON, without secrets', async () => {
    using folder = temporaryFolder();
    const environment = { SECRET_KEY, PORT: '4000', DATABASE_URL: 'sqlite:users.db' };
    const lines = [
      'settings',
      'settings --json',
      'migrate --status --json',
      'migrate',
      'migrate --status',
      'migrate',
    ];
    const endings = await runCommands(
      folder.path,
      lines.map((line) => line.split(' ')),
      environment,
    );
    for (const { status, stderr } of endings) assert.deepEqual([status, stderr], [0, '']);
    assert.ok(!JSON.stringify(endings).includes(SECRET_KEY));
    const [text = '', scripts = '', pending = '', applying = '', applied = '', again = ''] = endings.map(
      ({ stdout }) => stdout,
    );
    assert.match(text, /^PORT +4000$/m);
    assert.match(text, /^SESSION_IDLE +24h +\(default\)$/m);
    const shown = new Map(
      JSON.parse(scripts).map(({ name, value }: Record<string, unknown>) => [name, value]),
    );
    assert.deepEqual([shown.get('PORT'), shown.get('SECRET_KEY')], ['4000', '********']);
    assert.match(pending, /^\[\{"number":1,"name":"initial schema","appliedAt":null\}/);
    assert.match(applying, /^1 {2}initial schema: applied\n/);
    assert.match(applied, /^1 {2}initial schema: applied 20\d\d-.*Z\n/);
    assert.equal(again, 'The database is up to date.\n');
  });
});
