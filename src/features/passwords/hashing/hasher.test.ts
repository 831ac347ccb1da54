import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { runProgram } from '../../../../tests/kit/processes.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { Overloaded } from '../../../platform/runtime/limits.ts';
import { createHasher } from './hasher.ts';
import { FLOOR, storedParameters } from './parameters.ts';

const PASSWORD = 'nine copper kettles sing';
// Cheap enough to be made by the dozen; the floor is for settings, and its cost is tested where it counts.
const CHEAP = { memoryKibibytes: 64, passes: 1, lanes: 1 };

// Makes a process believe that its container has hardly any memory.
const PRETEND_SMALL = `data:text/javascript,process.constrainedMemory=()=>1`;

// Returns how many hashes a hasher lets run at once.
const COUNT_AT_ONCE = `import { createHasher } from '${new URL('./hasher.ts', import.meta.url).href}';
let running = 0;
const run = () => { running += 1; return new Promise(() => {}); };
const hasher = createHasher(${JSON.stringify(CHEAP)}, { threads: { run, close: async () => {} } });
for (let number = 0; number < 20; number += 1) void hasher.hash('x');
setImmediate(() => console.log(running));
`;

/** The next hashing thread that starts. */
async function nextThread(): Promise<Worker> {
  const [worker] = await once(process, 'worker');
  assert.ok(worker instanceof Worker);
  return worker;
}

describe('the hasher', () => {
  const hasher = createHasher(CHEAP, { cores: 1 });
  after(hasher.close);

  it('makes Argon2id hashes in PHC format, newly salted each time, and verifies them', async () => {
    const [one, other] = [await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)];
    assert.match(one, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.notEqual(one, other);
    for (const hash of [one, other]) assert.equal(await hasher.verify(hash, PASSWORD), true);
    assert.equal(await hasher.verify(one, `${PASSWORD} `), false);
    assert.equal(await hasher.verify(one, ''), false);
  });

  it('verifies a hash of the reference implementation', async () => {
    // From the tests of the reference implementation.
    const reference = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    assert.equal(await hasher.verify(reference, 'password'), true);
    assert.equal(await hasher.verify(reference, 'Password'), false);
  });

  it('A02: has a decoy that costs as much as a real hash and matches no password', async () => {
    const strong = createHasher({ memoryKibibytes: 65_536, passes: 3, lanes: 2 }, { cores: 1 });
    assert.deepEqual(storedParameters(strong.decoy), { memoryKibibytes: 65_536, passes: 3, lanes: 2 });
    assert.notEqual(createHasher(CHEAP, { cores: 1 }).decoy, hasher.decoy);
    const lengths = (hash: string) => hash.split('$').map((part) => part.length);
    assert.deepEqual(lengths(hasher.decoy), lengths(await hasher.hash(PASSWORD)));
    for (const password of [PASSWORD, '', 'x'.repeat(1_024)])
      assert.equal(await hasher.verify(hasher.decoy, password), false);
  });

  it('calls a hash outdated if it is weaker than the current cost, or of another kind', async () => {
    assert.equal(hasher.isOutdated(await hasher.hash(PASSWORD)), false);
    assert.equal(createHasher(FLOOR, { cores: 1 }).isOutdated(await hasher.hash(PASSWORD)), true);
    assert.equal(hasher.isOutdated('$2b$12$abcdefghijklmnopqrstuv'), true);
  });

  it('rejects malformed hashes, and goes on', async () => {
    await assert.rejects(hasher.verify('no hash at all', PASSWORD), /password hashing failed/);
    assert.equal(await hasher.verify(await hasher.hash(PASSWORD), PASSWORD), true);
  });

  it('refuses what would wait too long, and completes the rest', async () => {
    const attempts = Array.from({ length: 100 }, () => hasher.hash(PASSWORD));
    assert.equal(hasher.isFull(), true);
    const results = await Promise.allSettled(attempts);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    assert.equal(refused.length, 100 - 1 - 32, 'one at work and 32 in line');
    for (const reason of refused) assert.ok(reason instanceof Overloaded);
    assert.equal(hasher.isFull(), false);
  });

  it('P65: has no more threads than the memory of its container has room for', async () => {
    using folder = temporaryFolder();
    const words = ['--import', PRETEND_SMALL, '--input-type=module', '-e', COUNT_AT_ONCE];
    const { stdout } = await runProgram(words, { folder: folder.path });
    assert.equal(stdout, '2\n', 'one thread, with its next job at hand');
  });
});

describe('a hashing thread', () => {
  it('loses only its current job when it dies, and is replaced', async () => {
    const hasher = createHasher(CHEAP, { cores: 1 });
    const [first] = await Promise.all([nextThread(), hasher.hash(PASSWORD)]);
    const lost = hasher.hash(PASSWORD);
    await Promise.all([assert.rejects(lost, /the hashing thread ended/), first.terminate()]);
    const [second, hash] = await Promise.all([nextThread(), hasher.hash(PASSWORD)]);
    assert.notEqual(second.threadId, first.threadId);
    assert.equal(await hasher.verify(hash, PASSWORD), true);
    await hasher.close();
  });

  it('leaves its waiting jobs to another thread when it dies', async () => {
    const hasher = createHasher(CHEAP, { cores: 1 });
    const [first] = await Promise.all([nextThread(), hasher.hash(PASSWORD)]);
    const [lost, ...others] = Array.from({ length: 4 }, () => hasher.hash(PASSWORD));
    await Promise.all([
      assert.rejects(lost ?? Promise.resolve(), /the hashing thread ended/),
      first.terminate(),
    ]);
    for (const hash of await Promise.all(others)) assert.match(hash, /^\$argon2id/);
    await hasher.close();
  });

  it('is replaced if it dies while it is idle', async () => {
    const hasher = createHasher(CHEAP, { cores: 1 });
    const [first] = await Promise.all([nextThread(), hasher.hash(PASSWORD)]);
    await first.terminate();
    assert.match(await hasher.hash(PASSWORD), /^\$argon2id/);
    await hasher.close();
  });

  it('ends with its waiting jobs when the hasher closes, and no thread starts afterwards', async () => {
    const hasher = createHasher(CHEAP, { cores: 1 });
    const [thread] = await Promise.all([nextThread(), hasher.hash(PASSWORD)]);
    const ended = once(thread, 'exit');
    const waiting = [1, 2, 3].map(() => hasher.hash(PASSWORD));
    const results = Promise.allSettled(waiting);
    await hasher.close();
    await ended;
    for (const { status } of await results) assert.equal(status, 'rejected');
    await assert.rejects(hasher.hash(PASSWORD), /have ended/);
    await hasher.close();
  });
});
