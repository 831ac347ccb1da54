import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress } from './terminal.ts';

function written(isTTY: boolean, done: readonly number[]): string {
  let text = '';
  const display = createProgress({
    isTTY,
    write: (more) => {
      text += more;
    },
  });
  for (const rows of done) display.show({ work: 'Copying accounts', done: rows, total: 2_000 });
  display.end();
  return text;
}

describe('the progress display', () => {
  it('draws a growing bar on a terminal and clears it at the end', () => {
    const [empty, first, second, end] = written(true, [1_000, 2_000]).split('\r\u001b[K');
    assert.equal(empty, '');
    assert.equal(first, `[${'#'.repeat(15)}${' '.repeat(15)}] Copying accounts: 50 % (1,000 of 2,000 rows)`);
    assert.equal(second, `[${'#'.repeat(30)}] Copying accounts: 100 % (2,000 of 2,000 rows)`);
    assert.equal(end, '');
  });

  it('prints a line for each tenth where the output is no terminal', () => {
    assert.deepEqual(written(false, [100, 150, 210, 390, 400, 2_500]).split('\n'), [
      'Copying accounts: 5 % (100 of 2,000 rows)',
      'Copying accounts: 10 % (210 of 2,000 rows)',
      'Copying accounts: 20 % (400 of 2,000 rows)',
      'Copying accounts: 100 % (2,500 of 2,000 rows)',
      '',
    ]);
  });
});
