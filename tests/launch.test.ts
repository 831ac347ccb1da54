import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ProgramOptions, runProgram, startProgram } from './kit/processes.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// Makes any Node report an old version.
const PRETEND_OLD = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });
   Object.defineProperty(process, 'version', { value: 'v20.1.0' });`,
)}`;

// Replaces the command line: prints its arguments, and does what they request.
const PROGRAM = `const [wish, detail] = process.argv.slice(2);
console.log(process.env.PINNED === 'yes' ? 'on the pinned Node' : 'on this Node', process.argv.slice(2).join(' '));
if (wish === 'status') process.exitCode = Number(detail);
if (wish === 'wait') setInterval(() => {}, 1_000);
if (detail === 'politely') process.on('SIGTERM', () => console.log('goodbye') ?? process.exit(7));
console.log('ready');
`;

/** A checkout without installed dependencies, and an npm that “installs” a Node which reports the pinned version. */
function freshClone() {
  const folder = temporaryFolder();
  const write = (path: string, content: string) =>
    writeFileSync(join(folder.path, path), content, { mode: 0o755 });
  for (const name of ['bin', 'scripts', 'tools']) mkdirSync(join(folder.path, name));
  for (const file of ['bin/latchkey.js', 'scripts/launch.js'])
    cpSync(join(root, file), join(folder.path, file));
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', '{}');
  write('scripts/latchkey.ts', PROGRAM);
  write('node', `#!/bin/sh\nPINNED=yes exec '${process.execPath}' "$@"\n`);
  write(
    'tools/npm',
    '#!/bin/sh\necho "$*" >> npm-calls\necho noise\nmkdir -p node_modules/node/bin && cp node node_modules/node/bin/\n',
  );
  const options: ProgramOptions = {
    folder: folder.path,
    environment: { PATH: `${join(folder.path, 'tools')}:${process.env['PATH']}` },
  };
  return {
    write,
    remove: (path: string) => rmSync(join(folder.path, path), { recursive: true }),
    npmCalls: () => readFileSync(join(folder.path, 'npm-calls'), 'utf8').trim().split('\n'),
    onThisNode: (...words: string[]) => runProgram(['bin/latchkey.js', ...words], options),
    onAnOldNode: (...words: string[]) =>
      runProgram(['--import', PRETEND_OLD, 'bin/latchkey.js', ...words], options),
    start: (...words: string[]) =>
      startProgram(['--import', PRETEND_OLD, 'bin/latchkey.js', ...words], options),
    // As npm does: the shell remains, and only the shell gets the signal when npm is ended.
    startByNpm: (words: readonly string[]) =>
      startProgram(['-c', '"$0" "$@"; exit', process.execPath, ...words], {
        ...options,
        command: 'sh',
        environment: { ...options.environment, npm_lifecycle_event: 'start' },
      }),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

describe('the command line in a fresh clone', () => {
  it('installs missing dependencies once, and runs on the pinned Node when this one is too old', async () => {
    using clone = freshClone();
    const first = await clone.onAnOldNode('settings', '--json');
    assert.equal(first.stdout, 'on the pinned Node settings --json\nready\n', 'stdout is the program’s own');
    assert.match(first.stderr, /^Installing the locked dependencies …\nnoise\n$/);
    const second = await clone.onAnOldNode('settings');
    assert.equal(second.stderr, '');
    assert.equal(clone.npmCalls().length, 1);
    assert.match(String(clone.npmCalls()[0]), /^ci --include=dev /);
  });

  it('stays on this Node when it is new enough', async () => {
    using clone = freshClone();
    assert.equal((await clone.onThisNode('settings')).stdout, 'on this Node settings\nready\n');
  });

  it('installs again when the lock file has changed', async () => {
    using clone = freshClone();
    await clone.onThisNode('settings');
    clone.write('package-lock.json', '{ "changed": true }');
    await clone.onThisNode('settings');
    assert.equal(clone.npmCalls().length, 2);
  });

  it('reports a failed installation, and tries again the next time', async () => {
    using clone = freshClone();
    clone.write('tools/npm', '#!/bin/sh\nexit 1\n');
    for (const _ of ['first', 'second']) {
      const { status, stdout, stderr } = await clone.onThisNode('settings');
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /could not be installed/);
    }
  });

  it('says what may be wrong when npm installed no Node that is new enough', async () => {
    using clone = freshClone();
    clone.write('tools/npm', '#!/bin/sh\nmkdir -p node_modules\n');
    const { status, stderr } = await clone.onAnOldNode('settings');
    assert.equal(status, 1);
    assert.match(stderr, /cannot be started .*ENOENT.*\n.*npm config get ignore-scripts/);
    assert.equal((await clone.onThisNode('settings')).status, 0, 'a newer one does without');
  });

  it('exits with the status of the process that it started', async () => {
    using clone = freshClone();
    assert.equal((await clone.onAnOldNode('status', '78')).status, 78);
    assert.equal((await clone.onThisNode('status', '78')).status, 78);
  });

  it('forwards signals, and lets the process that it started exit in its own way', async () => {
    using clone = freshClone();
    await using program = clone.start('wait', 'politely');
    await program.says('ready');
    program.send('SIGTERM');
    assert.equal((await program.ended).status, 7);
  });

  it('ends with the shell from which npm started it, on either Node', async () => {
    for (const words of [[], ['--import', PRETEND_OLD]]) {
      using clone = freshClone();
      await using shell = clone.startByNpm([...words, 'bin/latchkey.js', 'wait', 'politely']);
      await shell.says('ready');
      shell.send('SIGTERM');
      // Its output is closed, so the process has ended as well.
      assert.match((await shell.ended).stdout, /goodbye/);
    }
  });

  it('ends by the signal that ended the process that it started', async () => {
    using clone = freshClone();
    await using program = clone.start('wait');
    await program.says('ready');
    program.send('SIGTERM');
    assert.equal((await program.ended).signal, 'SIGTERM');
  });
});

describe('the command line of the installed package', () => {
  it('says in one line which Node it needs', async () => {
    using clone = freshClone();
    clone.remove('scripts');
    const { status, stdout, stderr } = await clone.onAnOldNode('settings');
    assert.deepEqual([status, stdout], [1, '']);
    assert.equal(stderr, 'Latchkey needs Node.js 22.16 or later; this is v20.1.0.\n');
  });
});
