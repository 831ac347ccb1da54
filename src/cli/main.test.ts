import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { runProgram } from '../../tests/support/program.ts';
import { SECRET_KEY } from '../../tests/support/system.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

// Several command lines in one process, for a process takes longer to start than they all do to run.
const EACH_LINE = `
import { main } from '${new URL('./main.ts', import.meta.url)}';
for (const line of JSON.parse(process.argv[1])) {
  await main(line);
  process.stdout.write(process.exitCode + '\\0');
  process.stderr.write('\\0');
  process.exitCode = 0;
}`;

/** Runs command lines one after the other, and tells of each how it would have ended. */
async function runLines(
  folder: string,
  lines: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv = {},
) {
  const words = [
    '--conditions=latchkey-source',
    '--input-type=module',
    '--eval',
    EACH_LINE,
    JSON.stringify(lines),
  ];
  const { stdout, stderr, status } = await runProgram(words, { folder, environment });
  assert.equal(status, 0, stderr);
  const outputs = stdout.split('\0');
  const complaints = stderr.split('\0');
  return lines.map((_, position) => {
    const [, text = '', code] = /^(.*?)(\d+|undefined)$/s.exec(outputs[position] ?? '') ?? [];
    return {
      status: code === 'undefined' ? 0 : Number(code),
      stdout: text,
      stderr: complaints[position] ?? '',
    };
  });
}

describe('the command line', () => {
  it('explains itself, and each of its verbs, on stdout', async () => {
    using folder = temporaryFolder();
    const verbs = ['serve', 'migrate', 'settings', 'tune'];
    const lines = [['--help'], ...verbs.map((verb) => [verb, '--help'])];
    const [overview, ...explanations] = await runLines(folder.path, lines);
    const listed = overview?.stdout.matchAll(/^ {2}([a-z]+) +[A-Z].*\.$/gm) ?? [];
    assert.deepEqual(
      [...listed].map(([, verb]) => verb),
      verbs,
    );
    for (const [position, { status, stdout, stderr }] of explanations.entries()) {
      assert.deepEqual([status, stderr], [0, '']);
      assert.ok(stdout.startsWith(`Usage: latchkey ${verbs[position]} [options]\n`), stdout);
      for (const option of stdout.match(/^ {2}--.*$/gm) ?? [])
        assert.match(option, /^ {2}--[a-z]+( VALUE)? +[A-Z].*\.$/, 'each option has its sentence');
    }
    assert.deepEqual(readdirSync(folder.path), [], 'asking for help makes no database');
  });

  it('ends with 64 on words that make no sense, and says what would', async () => {
    using folder = temporaryFolder();
    const attempts = [
      [['fly'], /^There is no “fly”\. See: latchkey --help\n$/],
      [['settings', '--jsn'], /^Unknown option '--jsn'.* See: latchkey settings --help\n$/],
      [['migrate', 'now'], /^Unexpected argument 'now'.* See: latchkey migrate --help\n$/],
      [['tune', '--under', 'a second'], /^--under takes a number of milliseconds, such as --under 100\n$/],
    ] as const;
    const endings = await runLines(
      folder.path,
      attempts.map(([words]) => words),
    );
    for (const [position, { status, stdout, stderr }] of endings.entries()) {
      assert.deepEqual([status, stdout], [64, '']);
      assert.match(stderr, attempts[position]?.[1] ?? /^$/);
    }
  });

  it('A57: shows every setting as it stands, for people and for scripts, and no secret', async () => {
    using folder = temporaryFolder();
    const environment = { SECRET_KEY, PORT: '4000' };
    const endings = await runLines(
      folder.path,
      [['settings'], ['settings', '--json'], ['--version']],
      environment,
    );
    const [people = '', scripts = '', version = ''] = endings.map(({ stdout }) => stdout);
    assert.match(people, /^PORT +4000$/m);
    assert.match(people, /^SESSION_IDLE +24h +\(default\)$/m);
    assert.match(version, /^\d+\.\d+\.\d+\n$/);
    const shown = new Map(
      JSON.parse(scripts).map(({ name, value }: Record<string, unknown>) => [name, value]),
    );
    assert.deepEqual([shown.get('PORT'), shown.get('SECRET_KEY')], ['4000', '********']);
    assert.ok(!JSON.stringify(endings).includes(SECRET_KEY));
    assert.deepEqual(readdirSync(folder.path), [], 'looking makes nothing');
  });

  it('ends with 78 and a line for each fault when settings are wrong', async () => {
    using folder = temporaryFolder();
    const wrong = { PORT: 'eighty', LOG_LEVEL: 'loud' };
    for (const { status, stdout, stderr } of await runLines(
      folder.path,
      [['settings', '--json'], ['migrate']],
      wrong,
    )) {
      assert.deepEqual([status, stdout], [78, '']);
      assert.match(stderr, /^PORT: "eighty" .*; .*\nLOG_LEVEL: "loud" .*; .*\n$/);
    }
  });

  it('brings the database up to date, and tells how far it is', async () => {
    using folder = temporaryFolder();
    const [before, applying, after, people, again] = await runLines(
      folder.path,
      [
        ['migrate', '--status', '--json'],
        ['migrate'],
        ['migrate', '--status', '--json'],
        ['migrate', '--status'],
        ['migrate'],
      ],
      { DATABASE_URL: 'sqlite:users.db', SECRET_KEY },
    );
    const stepsOf = (text = ''): readonly Record<string, unknown>[] => JSON.parse(text);
    for (const { appliedAt } of stepsOf(before?.stdout)) assert.equal(appliedAt, null);
    assert.match(String(applying?.stdout), /^1 {2}accounts, passwords, sessions: applied\n/);
    assert.equal(stepsOf(before?.stdout).length, stepsOf(after?.stdout).length);
    for (const { number, name, appliedAt } of stepsOf(after?.stdout))
      assert.deepEqual([typeof number, typeof name, typeof appliedAt], ['number', 'string', 'number']);
    assert.match(String(people?.stdout), /^1 {2}accounts, passwords, sessions: applied 20\d\d-.*Z\n/);
    assert.equal(again?.stdout, 'The database is up to date.\n');
  });
});
