import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from '../../../../tests/kit/processes.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { settingsReader } from '../../../platform/settings/index.ts';
import { settingsFromOptions } from '../../../read-settings.ts';
import { memoryFaults } from './memory.ts';

const MIB = 1024 * 1024;

const faultsWith = (passwordHash: string, mebibytes: number) => {
  const settingsOf = settingsReader(settingsFromOptions({ databaseUrl: 'sqlite::memory:', passwordHash }));
  return memoryFaults(settingsOf, null, { cores: 4, memory: mebibytes * MIB });
};

// Makes a process believe that its container has little memory.
const pretend = (mebibytes: number) =>
  `data:text/javascript,process.constrainedMemory=()=>${mebibytes * MIB}`;

describe('the memory of a process', () => {
  it('P65: stops the start if the first hash would exceed it, with both figures', () => {
    for (const [mebibytes, hash, needed] of [
      [512, 'm=1048576,t=2,p=1', 1_270],
      [300, 'm=262144,t=2,p=4', 502],
      [64, 'm=19456,t=4,p=1', 265],
    ] as const) {
      const [fault, ...more] = faultsWith(hash, mebibytes);
      assert.deepEqual([fault?.name, more], ['PASSWORD_HASH', []]);
      assert.match(
        String(fault?.message),
        new RegExp(`^is ${hash}: one hash .* can take ${needed} MiB, .* have ${mebibytes} MiB; give `),
      );
    }
  });

  it('P65: does not stop the start if hashing and all else may exceed it together', () => {
    for (const mebibytes of [128, 256, 512]) assert.deepEqual(faultsWith('m=19456,t=4,p=1', mebibytes), []);
  });

  it('P65: is asked for when a system starts, which warns where it may be too little', async () => {
    using folder = temporaryFolder();
    const start = `const { createLatchkey } = await import('${new URL('../../../index.ts', import.meta.url).href}');
      const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', passwordHash: 'm=19456,t=2,p=1' });
      await latchkey.close();`;
    const run = (mebibytes: number) =>
      runProgram(['--import', pretend(mebibytes), '--input-type=module', '-e', start], {
        folder: folder.path,
      });
    const [stopped, warned] = await Promise.all([run(50), run(250)]);
    assert.match(stopped.stderr, /passwordHash: is m=19456,t=2,p=1: one hash .* it may have 50 MiB/);
    assert.match(warned.stdout, /"event":"memory-short","problem":"one hash .* 265 MiB, .* 250 MiB","fix":/);
  });
});
