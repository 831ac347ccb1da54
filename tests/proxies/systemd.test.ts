import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemdAnalyzePath } from '../../scripts/provide/systemd.ts';
import { readDocument } from '../kit/documents.ts';
import { runProgram } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';

/** Runs systemd-analyze on the unit, with the given additions. */
async function analyze(words: readonly string[], additions: readonly string[]) {
  using folder = temporaryFolder();
  const unit = join(folder.path, 'latchkey.service');
  // It checks whether the executable exists.
  writeFileSync(
    unit,
    readDocument('deploy/systemd/latchkey.service').replace('/usr/bin/node', process.execPath),
  );
  mkdirSync(`${unit}.d`);
  for (const name of additions)
    writeFileSync(join(`${unit}.d`, name), readDocument(`deploy/systemd/${name}`));
  return await runProgram([...words, unit], { folder: folder.path, command: systemdAnalyzePath() });
}

describe('the systemd unit', () => {
  for (const additions of [[], ['tls.conf']]) {
    const title = additions.length === 0 ? 'behind a proxy' : 'with TLS of its own';
    it(`passes systemd-analyze verify without a warning, ${title}`, async () => {
      const { status, stdout, stderr } = await analyze(['verify', '--man=no'], additions);
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });

    it(`leaves the process hardly any privileges, ${title}`, async () => {
      const words = ['security', '--offline=true', '--no-pager', '--threshold=20'];
      const { status, stdout, stderr } = await analyze(words, additions);
      assert.equal(status, 0, stdout + stderr);
    });
  }
});
