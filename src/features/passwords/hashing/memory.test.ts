import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { createLatchkey } from '../../../index.ts';
import { SettingsError } from '../../../platform/settings/index.ts';

const MIB = 1024 * 1024;

/** Makes a login system in a process that believes that it may have so much memory, and returns its log. */
async function startWith(mebibytes: number, passwordHash: string): Promise<string> {
  let log = '';
  const memory = mock.method(process, 'constrainedMemory', () => mebibytes * MIB);
  const written = mock.method(process.stdout, 'write', (text: string) => {
    log += text;
    return true;
  });
  try {
    const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', passwordHash });
    written.mock.restore();
    await latchkey.close();
  } finally {
    written.mock.restore();
    memory.mock.restore();
  }
  return log;
}

describe('the memory of a process', () => {
  it('P65: stops the start if the first hash would exceed it, with both figures', async () => {
    for (const [mebibytes, hash, needed] of [
      [512, 'm=1048576,t=2,p=1', 1_270],
      [300, 'm=262144,t=2,p=4', 502],
      [64, 'm=19456,t=4,p=1', 265],
    ] as const)
      await assert.rejects(startWith(mebibytes, hash), (error: unknown) => {
        assert.ok(error instanceof SettingsError);
        const [fault] = error.faults;
        assert.match(
          String(fault?.message),
          new RegExp(`^is ${hash}: one hash .* can take ${needed} MiB, .* have ${mebibytes} MiB; give `),
        );
        return true;
      });
  });

  it('P65: is a warning at start if hashing and all else may exceed it together', async () => {
    const log = await startWith(256, 'm=19456,t=4,p=1');
    assert.match(
      log,
      /"event":"memory-short","problem":"one hash .* 265 MiB, and it may have 256 MiB","fix":/,
    );
    assert.doesNotMatch(await startWith(512, 'm=19456,t=4,p=1'), /memory-short/);
  });
});
